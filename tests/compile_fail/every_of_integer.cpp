// expect: cicada: every.when, f.: .when. is a duration with its unit, such as 1s
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, poll).detach();
#else
    cicada::every(3, poll).detach(); // three of what?
#endif
}
