// expect: cicada: spawn.f, args.* needs a coroutine function
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();
void plain();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::spawn(work).detach();
#else
    cicada::spawn(plain).detach();
#endif
}
