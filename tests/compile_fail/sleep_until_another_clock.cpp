// expect: sleep_until\(instant\) takes a cicada::elapsed_time
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::sleep_until(cicada::now());
#else
    co_await cicada::sleep_until(std::chrono::steady_clock::now());
#endif
}
