// expect: cicada: write spawn.*the options after it: ..name
// lines: 6
#include <cicada/cicada.hpp>

cicada::task<> work();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::spawn(work(), {.name = "work"}).detach();
#else
    cicada::spawn(work(), {.nme = "work"}).detach();
#endif
}
