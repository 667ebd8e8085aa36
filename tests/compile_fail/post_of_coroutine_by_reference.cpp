// expect: post\(\) runs a plain function; to start a coroutine use cicada::spawn\(loop, f, args
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();

bool misuse(cicada::loop_ref loop) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    return loop.post([] {});
#else
    return loop.post([] { return work(); });
#endif
}
