// Work that blocks its thread leaves the loop: meanwhile everything else goes on.
#include <cicada/cicada.hpp>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;

std::size_t compress(const std::string& text) {
    std::this_thread::sleep_for(30ms); // a slow library, that knows nothing of tasks
    if (text.empty()) throw std::invalid_argument("nothing to compress");
    return text.size() / 2;
}

cicada::task<> program() {
    int beats = 0;
    auto heart = cicada::every(1ms, [&] { ++beats; });

    const std::size_t size = co_await cicada::blocking(compress)(std::string(1000, 'x'));
    std::printf("compressed to %zu bytes\n", size);
    std::puts(beats > 3 ? "the loop went on meanwhile" : "the loop was blocked");

    try {
        co_await cicada::blocking(compress)(std::string());
    } catch (const std::invalid_argument& e) {
        std::printf("error: %s\n", e.what());
    }

    int passes = 0; // as a periodic, it is never started while it still runs
    auto nightly = cicada::every(10ms, {.times = 3}, cicada::blocking([&] {
                                     std::this_thread::sleep_for(15ms);
                                     ++passes;
                                 }));
    co_await nightly;
    std::printf("%d passes\n", passes);
}

int main() { cicada::run(program(), {.loop = {.blocking_threads = 2}}); }
