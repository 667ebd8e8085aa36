// W7: what does it cost to yield: to let another ready task run and come back in turn? ns a switch,
// 100 tasks.
#include "bare_task.hpp"
#include "ours.hpp"
#include "peers.hpp"

namespace {

using namespace bench;

constexpr int tasks = 100, yields = 1'000;

/// A ring of what is ready.
struct bare_ready {
    std::vector<std::coroutine_handle<>> ring = std::vector<std::coroutine_handle<>>(1024);
    unsigned head = 0, tail = 0;
    void push(std::coroutine_handle<> h) noexcept { ring[tail++ & 1023] = h; }
    void run() {
        while (head != tail) ring[head++ & 1023].resume();
    }
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) noexcept { push(h); }
    void await_resume() noexcept {}
};

bare::detached<> bare_yielder(bare_ready& ready) {
    for (int i = 0; i < yields; ++i) co_await ready;
}

void limit(const point&) {
    bare_ready ready;
    report({{"ns", ns_each(tasks * yields, [&] {
                 for (int i = 0; i < tasks; ++i) ready.push(bare_yielder(ready).frame);
                 ready.run();
             })}});
}

asio::awaitable<void> asio_yielder(asio::io_context& context) {
    for (int i = 0; i < yields; ++i) co_await asio::post(context, asio::use_awaitable);
}

void boost_asio(const point&) {
    asio::io_context context{asio_single_thread};
    report({{"ns", ns_each(tasks * yields, [&] {
                 for (int i = 0; i < tasks; ++i)
                     asio::co_spawn(context, asio_yielder(context), asio::detached);
                 context.restart();
                 context.run();
             })}});
}

cicada::task<> cicada_yielder() {
    for (int i = 0; i < yields; ++i) co_await cicada::yield();
}

cicada::task<> cicada_yielders() {
    co_await cicada::with_scope([](cicada::scope& s) -> cicada::task<> {
        for (int i = 0; i < tasks; ++i) s.spawn(cicada_yielder());
        co_return;
    });
}

void cicada_yield(const point&) {
    stepped_loop loop;
    report({{"ns", ns_each(tasks * yields, [&] { loop.run(cicada_yielders()); })}});
}

const question w7{
    {.id = "W7",
     .asks = "yield to the other ready tasks",
     .unit = "ns a switch",
     .goal = "<= 6",
     .contenders = {{"limit", limit}, {"Asio", boost_asio}, {"cicada", cicada_yield}}}};

} // namespace
