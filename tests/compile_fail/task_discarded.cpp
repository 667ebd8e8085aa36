// expect: unused-result.*a task does nothing|a task does nothing.*unused-result
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> save();

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await save();
#else
    save(); // forgot co_await
    co_return;
#endif
}
