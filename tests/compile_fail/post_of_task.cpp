// expect: post\(f\) takes a function that is called without arguments
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();

void misuse(cicada::loop& loop) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::spawn(loop, work()).detach();
#else
    loop.post(work()); // nothing to call
#endif
}
