// expect: a task is handed over as an rvalue: std::move
// lines: 8
#include <cicada/cicada.hpp>

cicada::task<int> answer();

cicada::task<int> misuse() {
    auto once = answer(); // a handle may stay where it is; a task runs once
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_return co_await cicada::with_timeout(std::chrono::seconds(1), std::move(once));
#else
    co_return co_await cicada::with_timeout(std::chrono::seconds(1), once);
#endif
}
