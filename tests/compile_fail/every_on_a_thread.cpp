// expect: every\(\) takes the loop itself
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();

void misuse(cicada::loop_thread& thread) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(thread.get(), 1s, poll).detach();
#else
    cicada::every(thread, 1s, poll).detach();
#endif
}
