// cicada in a program that libuv runs: a libuv timer, a periodic and a task side by side.
#include <cicada/cicada.hpp>
#include <cicada/hosts/uv.hpp>

#include <cstdio>
#include <optional>
#include <uv.h>

using namespace std::chrono_literals;

cicada::task<> program() {
    auto beat =
        cicada::every(100ms, {.first = cicada::first::after_period}, [] { std::puts("beat"); });
    co_await cicada::sleep(250ms);
    co_await beat.cancel();
    std::puts("the task has ended");
}

int main() {
    uv_loop_t* const loop = uv_default_loop();
    std::optional<cicada::uv_host> host;
    host.emplace(loop);

    uv_timer_t timer; // a handle of the program's own
    uv_timer_init(loop, &timer);
    uv_timer_start(
        &timer,
        [](uv_timer_t* t) {
            std::puts("a timer of libuv");
            uv_close(reinterpret_cast<uv_handle_t*>(t), nullptr);
        },
        150, 0);

    cicada::spawn(host->get(), program()).detach();
    uv_run(loop, UV_RUN_DEFAULT); // until neither libuv nor cicada has anything left to do
    std::puts("done");

    host.reset();
    uv_run(loop, UV_RUN_DEFAULT); // closes its handles
    return uv_loop_close(loop);
}
