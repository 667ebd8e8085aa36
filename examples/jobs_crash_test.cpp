// A unit test of what a crash does to a job: an hour of a cluster, in no time and always the same.
// Any test framework will do.
#include <cicada/jobs.hpp>
#include <cicada/jobs/cluster.hpp>

#include <cstdio>
#include <cstdlib>

using namespace std::chrono_literals;

/// The code under test, which knows nothing of simulations.
int exports_begun = 0;
cicada::task<> export_orders(cicada::job_run run) {
    ++exports_begun;
    co_await cicada::sleep(2min);
    run.report("all of them");
}
cicada::task<> serve(cicada::job_store store) {
    cicada::worker worker(store);
    worker.handle("export", export_orders);
    co_await worker.run();
}
cicada::task<> set_up(cicada::job_store store) {
    const std::vector<cicada::job> jobs = {
        {.name = "hourly", .when = cicada::cron("0 * * * *"), .kind = "export"}};
    co_await store.apply("orders", jobs);
}

void check(bool fact, const char* what) {
    std::printf("%s: %s\n", fact ? "ok" : "FAILED", what);
    if (!fact) std::exit(EXIT_FAILURE);
}

cicada::task<> look(cicada::job_store store) {
    const auto runs = co_await store.runs("hourly");
    check(runs.size() == 1, "one run for 09:00");
    check(runs[0].state == cicada::run_state::ok, "which succeeded");
    check(runs[0].attempt == 1 && runs[0].lost == 1, "a crash is a loss, and no failure");
    const auto why = co_await store.why("hourly", cicada::parse_instant("2026-03-28T08:30:00Z"));
    check(why.what == cicada::reason_why::answer::not_due, "and 08:30 was never due");
}

int main() {
    cicada::simulation sim{"2026-03-28T08:15:00Z"};
    cicada::simulated_cluster cluster({.seed = 7, .delay = 2ms});
    cicada::simulated_machine a = cluster.machine("a"), b = cluster.machine("b");
    const auto ready = cicada::spawn(set_up(cluster.store()));
    a.run(serve);
    sim.advance(46min); // 09:01: it is in the middle of it
    check(exports_begun == 1, "it has begun");
    a.crash();
    b.run(serve);
    sim.advance(10min);
    check(exports_begun == 2, "it was begun once more");
    sim.run(look(cluster.store()));
}
