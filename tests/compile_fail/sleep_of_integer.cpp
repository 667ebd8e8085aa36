// expect: sleep
#include <cicada/cicada.hpp>

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::sleep(std::chrono::seconds(3));
#else
    co_await cicada::sleep(3); // three of what?
#endif
}
