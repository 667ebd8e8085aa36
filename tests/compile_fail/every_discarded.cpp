// expect: unused-result
// lines: 5
#include <cicada/cicada.hpp>

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(std::chrono::seconds(3), poll).detach();
#else
    cicada::every(std::chrono::seconds(3), poll); // cancelled at once
#endif
}
