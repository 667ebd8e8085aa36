// expect: cicada: the function is missing: it stands after the time and the options
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, poll).detach();
#else
    cicada::every(3s, "poll").detach();
#endif
}
