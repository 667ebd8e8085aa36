// expect: cicada: write after.delay, f, args.*with a unit
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::after(3s, poll).detach();
#else
    cicada::after(3, poll).detach(); // three of what?
#endif
}
