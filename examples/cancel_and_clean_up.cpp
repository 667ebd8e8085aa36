// Cancelling is a request. The task gets `cancelled` where it waits, cleans up, and whoever asked
// waits for that.
#include <cicada/cicada.hpp>

#include <cstdio>
#include <memory>

using namespace std::chrono_literals;

struct connection {
    connection() { std::puts("connected"); }
    ~connection() { std::puts("disconnected"); }
};

cicada::task<> commit() {
    std::puts("committing");
    co_await cicada::sleep(60ms);
    std::puts("committed");
}

cicada::task<> import_orders() {
    const connection warehouse;
    for (int order = 1;; ++order) {
        co_await cicada::sleep(20ms); // a request to cancel arrives here,
        std::printf("order %d\n", order);
        if (order == 2) co_await cicada::shield(commit()); // but not in here
    }
}

cicada::task<> program() {
    auto import = cicada::spawn(import_orders());
    co_await cicada::sleep(70ms);
    std::puts("stopping");
    co_await import.cancel(); // request, and wait until it has finished
    std::puts("stopped");

    auto beat = cicada::every(1h, [] { std::puts("beat"); });
    co_await cicada::sleep(1ms);
    co_await beat.cancel(); // the same for what runs periodically

    // This one is the loop's now, which ends it like that.
    cicada::every(1h, [open = std::make_unique<connection>()] {}).detach();
}

// Ctrl-C is such a request, too.
int main() { cicada::run(program(), {.cancel_on_signal = true}); }
