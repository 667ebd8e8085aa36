// expect: this cannot be awaited
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    while (auto slept = co_await cicada::unless_cancelled(cicada::sleep(std::chrono::hours(1)))) {
    }
#else
    while (auto slept = co_await cicada::unless_cancelled(5)) {
    }
#endif
}
