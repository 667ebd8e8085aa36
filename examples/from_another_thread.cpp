// A loop on a thread of its own, used from others: post a call, spawn a task, wait for its value,
// cancel.
#include <cicada/cicada.hpp>

#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

/// Belongs to the loop's thread: no lock.
struct account {
    int balance = 0;
};

cicada::task<int> audited_balance(account& a) {
    co_await cicada::sleep(5ms);
    co_return a.balance;
}

int main() {
    account savings;
    cicada::loop_thread background;
    cicada::loop& loop = background.get();

    std::vector<std::thread> tellers;
    for (int teller = 0; teller < 4; ++teller) {
        tellers.emplace_back([&] {
            for (int i = 0; i < 1000; ++i)
                loop.post([&] { savings.balance += 1; }); // in order, on the loop
        });
    }
    for (auto& t : tellers) t.join();

    auto audit = cicada::spawn(loop, audited_balance, std::ref(savings));
    std::printf("balance: %d\n", audit.wait()); // blocks this thread, which has no loop

    auto interest = cicada::every(loop, 1ms, [&] { savings.balance += 1; });
    std::this_thread::sleep_for(5ms);
    interest.cancel().wait(); // no code of it runs from here on
    std::puts("closed");
}
