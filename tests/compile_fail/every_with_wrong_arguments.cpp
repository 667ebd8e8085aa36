// expect: cicada: the function cannot be called with these arguments
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll(int port);

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, poll, 80).detach();
#else
    cicada::every(3s, poll, "http").detach();
#endif
}
