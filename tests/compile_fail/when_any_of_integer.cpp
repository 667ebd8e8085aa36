// expect: this cannot be awaited
// lines: 6
#include <cicada/cicada.hpp>

cicada::event ready;

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::when_any(ready.wait(), cicada::sleep(std::chrono::seconds(1)));
#else
    co_await cicada::when_any(ready.wait(), 5);
#endif
}
