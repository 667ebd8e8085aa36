#include <cicada/cicada.hpp> // also here: what the headers define, two files may define

#include <chrono>

cicada::task<int> compute() {
    co_await cicada::sleep(std::chrono::hours(1));
    co_return 42;
}
