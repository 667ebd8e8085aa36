// expect: cicada: the options stand before the function
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();
const cicada::every_options how{.name = "poll"};

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, how, poll).detach();
#else
    cicada::every(3s, poll, how).detach();
#endif
}
