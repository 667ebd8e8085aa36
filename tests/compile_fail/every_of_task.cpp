// expect: cicada: give the coroutine function, not its task
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

cicada::task<> poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, poll).detach();
#else
    cicada::every(3s, poll()).detach(); // a task runs once
#endif
}
