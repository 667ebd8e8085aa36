// expect: post\(\) runs a plain function; to start a coroutine use cicada::spawn\(loop, f, args
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();

void misuse(cicada::loop& loop) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    loop.post([] {});
    cicada::spawn(loop, work).detach();
#else
    loop.post(work); // it would make a task, and drop it unrun
#endif
}
