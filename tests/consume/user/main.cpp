#include <cicada/cicada.hpp>

#include <chrono>
#include <cstdio>
#include <string_view>

using namespace std::chrono_literals;

#ifdef PACKAGE_VERSION
#define TEXT_OF(x) TEXT(x)
#define TEXT(x) #x
static_assert(std::string_view(PACKAGE_VERSION) ==
              TEXT_OF(CICADA_VERSION_MAJOR) "." TEXT_OF(CICADA_VERSION_MINOR) "." TEXT_OF(
                  CICADA_VERSION_PATCH));
#endif

cicada::task<int> compute(); // other.cpp

cicada::task<> program(int& ticks, int& answer) {
    auto counter = cicada::every(1s, [&ticks] { ++ticks; });
    auto computed = cicada::spawn(compute());
    co_await cicada::sleep(10s + 500ms);
    co_await counter.cancel();
    answer = co_await computed;
}

int main() {
    int ticks = 0;
    int answer = 0;
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    sim.run(program(ticks, answer));
    std::printf("%d ticks, the answer is %d\n", ticks, answer);
    return ticks == 11 && answer == 42 ? 0 : 1;
}
