// expect: cicada: only a coroutine that returns cicada::task can await this
// lines: 5
#include <cicada/cicada.hpp>

/// Of another library.
struct foreign {
    struct promise_type {
        foreign get_return_object();
        std::suspend_never initial_suspend() noexcept;
        std::suspend_never final_suspend() noexcept;
        void return_void();
        void unhandled_exception();
    };
};

cicada::task<> work();
#ifdef CICADA_COMPILE_FAIL_CONTROL
cicada::task<> misuse() { co_await work(); }
#else
foreign misuse() { co_await work(); }
#endif
