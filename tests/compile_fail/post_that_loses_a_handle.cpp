// expect: cicada: post\(\) drops what the function returns, and this would be lost: detach
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();

void misuse(cicada::loop& loop) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    loop.post([] { cicada::spawn(work()).detach(); });
#else
    loop.post([] { return cicada::spawn(work()); }); // dropped, so cancelled before it began
#endif
}
