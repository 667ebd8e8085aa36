// expect: cicada: write at.instant, f, args.*with a cicada::wall_time
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::at(cicada::wall_now() + 3s, poll).detach();
#else
    cicada::at(3s, poll).detach(); // three seconds after what?
#endif
}
