// expect: the time with its unit, such as 2s
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::with_timeout(std::chrono::seconds(2), work());
#else
    co_await cicada::with_timeout(2, work()); // two of what?
#endif
}
