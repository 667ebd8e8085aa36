// A handler whose effect is there once, although it runs twice: the machine crashes between the
// effect and its end. Simulated, so that it crashes each time.
#include <cicada/jobs.hpp>
#include <cicada/jobs/cluster.hpp>

#include <cstdio>
#include <map>
#include <set>

using namespace std::chrono_literals;

/// Elsewhere: what the handler has an effect on. A table, with a transaction around each call.
class ledger {
public:
    /// A key is booked once. A fence that is less than the last one is of an attempt that was taken
    /// over, and does not know it yet.
    void book(const std::string& key, std::uint64_t fence, int amount) {
        if (fence < fences_[key]) throw cicada::no_retry("this attempt was taken over");
        fences_[key] = fence;
        const bool is_new = booked_.insert(key).second;
        if (is_new) balance_ += amount;
        std::printf("%s: %s\n", key.c_str(), is_new ? "booked" : "was booked before");
    }
    int balance() const { return balance_; }

private:
    std::map<std::string, std::uint64_t> fences_;
    std::set<std::string> booked_;
    int balance_ = 0;
} accounts;

cicada::task<> pay(cicada::job_run run) {
    std::printf("pay, after %u losses\n", run.lost());
    accounts.book(run.key(), run.fence(), 100);
    co_await cicada::sleep(30s); // in the middle of which it crashes
}

cicada::task<> serve(cicada::job_store store) {
    cicada::worker worker(store, {.lease = 20s});
    worker.handle("pay", pay);
    co_await worker.run();
}

int main() {
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    cicada::simulated_cluster cluster;
    cicada::simulated_machine a = cluster.machine("a"), b = cluster.machine("b");
    const auto asked = cicada::spawn(cluster.store().submit("pay", "{}", {.key = "invoice 42"}));
    a.run(serve);
    sim.advance(10s);
    a.crash();
    b.run(serve);
    sim.advance(5min);
    std::printf("balance: %d\n", accounts.balance());
}
