// expect: cicada: spawn.f, args.* needs a coroutine function
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work(int port);

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::spawn(work, 80).detach();
#else
    cicada::spawn(work).detach();
#endif
}
