// expect: cicada: only a coroutine that returns cicada::task can await this
// lines: 5
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

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

#ifdef CICADA_COMPILE_FAIL_CONTROL
cicada::task<> misuse() { static_cast<void>(co_await cicada::unless_cancelled(cicada::sleep(3s))); }
#else
foreign misuse() { static_cast<void>(co_await cicada::unless_cancelled(cicada::sleep(3s))); }
#endif
