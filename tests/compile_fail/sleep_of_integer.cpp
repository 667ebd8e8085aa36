// expect: cicada: sleep.delay. takes a duration with its unit
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::sleep(3s);
#else
    co_await cicada::sleep(3); // three of what?
#endif
}
