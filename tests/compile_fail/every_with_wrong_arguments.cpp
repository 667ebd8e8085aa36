// expect: every
#include <cicada/cicada.hpp>

void poll(int port);

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(std::chrono::seconds(3), poll, 80).detach();
#else
    cicada::every(std::chrono::seconds(3), poll, "http").detach();
#endif
}
