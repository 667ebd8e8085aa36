// The program that cicada began with: a function in the background, and a graceful end.
#include <cicada/cicada.hpp>

#include <cstdio>

using namespace std::chrono_literals;

void count_seconds_since(std::chrono::steady_clock::time_point then) {
    const auto passed =
        std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - then);
    std::printf("%d seconds have passed.\n", static_cast<int>(passed.count()));
}

cicada::task<> program() {
    auto counter = cicada::every(cicada::fixed_delay(3s), count_seconds_since,
                                 std::chrono::steady_clock::now());
    std::puts("Doing something..");
    co_await cicada::sleep(10s);
    std::puts("Doing something else..");
    co_await cicada::sleep(5s);
    std::puts("Shutting down now...");
    co_await counter.cancel(); // request, and wait until it has finished
    std::puts("Done");
}

int main() { cicada::run(program()); }
