// expect: bool
#include <cicada/cicada.hpp>

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(std::chrono::seconds(3), {.overlap = cicada::overlap::skip}, poll).detach();
#else
    cicada::every(std::chrono::seconds(3), {.overlap = true}, poll).detach();
#endif
}
