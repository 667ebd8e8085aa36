// expect: cicada: with_scope takes a coroutine function that returns a task: .*-> cicada::task<>
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> left();

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::with_scope([](cicada::scope& s) -> cicada::task<> {
        s.spawn(left());
        co_return;
    });
#else
    co_await cicada::with_scope([](cicada::scope& s) { s.spawn(left()); });
#endif
}
