// expect: cicada: what the function returns would be lost: let the function be a coroutine
// lines: 5
#include <cicada/cicada.hpp>

void misuse(cicada::event& ready) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(std::chrono::seconds(3), [&]() -> cicada::task<> {
        co_await ready.wait();
    }).detach();
#else
    cicada::every(std::chrono::seconds(3), [&] { return ready.wait(); }).detach();
#endif
}
