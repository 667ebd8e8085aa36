// expect: unused-result.*requests cancel|requests cancel.*unused-result
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> save();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::spawn(save()).detach();
#else
    cicada::spawn(save()); // cancelled at once
#endif
}
