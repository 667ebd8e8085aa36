// expect: cicada: a task runs once, so it is awaited as an rvalue: write co_await std::move.t.
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<int> answer();

cicada::task<int> misuse() {
    auto once = answer(); // a task runs once: awaiting it consumes it, and that must be seen
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_return co_await std::move(once);
#else
    co_return co_await once;
#endif
}
