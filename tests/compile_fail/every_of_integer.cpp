// expect: every
#include <cicada/cicada.hpp>

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(std::chrono::seconds(3), poll).detach();
#else
    cicada::every(3, poll).detach(); // three of what?
#endif
}
