// expect: cicada: spawn.f, args.* needs a coroutine function
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> left();
void plain();

cicada::task<> misuse() {
    co_await cicada::with_scope([](cicada::scope& s) -> cicada::task<> {
#ifdef CICADA_COMPILE_FAIL_CONTROL
        s.spawn(left);
#else
        s.spawn(plain);
#endif
        co_return;
    });
}
