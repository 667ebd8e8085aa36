// Tasks sleep side by side on one thread, without holding it: three brews take as long as the
// slowest.
#include <cicada/cicada.hpp>

#include <cstdio>
#include <string>

using namespace std::chrono_literals;

cicada::task<int> brew(std::string what, cicada::duration time, int price) {
    std::printf("brewing %s\n", what.c_str());
    co_await cicada::sleep(time);
    std::printf("%s is ready\n", what.c_str());
    co_return price;
}

cicada::task<> program() {
    const cicada::elapsed_time start = cicada::now();
    auto coffee = cicada::spawn(brew("coffee", 60ms, 3)); // begins in the loop's next turn
    auto tea = cicada::spawn(brew("tea", 90ms, 2));
    const int water = co_await brew("water", 30ms, 0); // runs here and now, within this task

    const int total = water + co_await coffee + co_await tea; // the value of each, or its error
    const bool side_by_side = cicada::now() - start < 60ms + 90ms + 30ms;
    std::printf("%d euros, %s\n", total, side_by_side ? "all at once" : "one after the other");
}

int main() { cicada::run(program()); }
