// expect: a coroutine function has to be called here
// lines: 8
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

cicada::task<> work();

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::with_timeout(2s, work());
#else
    co_await cicada::with_timeout(2s, work);
#endif
}
