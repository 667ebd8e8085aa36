// W11: what does cicada cost within Asio? A tick of one of N periodics on the one timer of an
// asio_host, beside a timer for each; the memory of one; an operation awaited through use_task,
// beside Asio's own awaitable.
//
// Most of a tick is a wake-up's share. Timers of Asio each come at their own instant; an asio_host
// lets them share wake-ups, within its accuracy of 500 us by default. "exact" is without, and shows
// what that is worth.
#include "ours.hpp"
#include "peers.hpp"

#include <cicada/hosts/asio.hpp>
#include <deque>
#include <optional>

namespace {

using namespace bench;

counter ticks;

// --- a tick --------------------------------------------------------------------------------------
/// The i-th of N begins at i * P / N; the watch begins a period later, at most 1 s.
struct start {
    std::int64_t begin_at, step_1024;
    explicit start(const point& at, nanoseconds making_one)
        : begin_at{begin_of(at, making_one)}, step_1024{at.period.count() * 1024 / at.n} {
        const auto warm = std::clamp<std::int64_t>(at.period.count(), 100'000'000, 1'000'000'000);
        watch_ticks(begin_at + warm, quick() ? 1s : 2s, ticks, at);
    }
    std::int64_t first(long i) const noexcept { return begin_at + i * step_1024 / 1024; }
};

/// As Asio's users write it without coroutines.
struct asio_periodic {
    asio::steady_timer timer;
    nanoseconds period;
    asio_periodic(asio::io_context& c, std::int64_t first, nanoseconds p)
        : timer{c, asio_time(first)}, period{p} {
        wait();
    }
    void wait() {
        timer.async_wait([this](auto) {
            ++ticks;
            timer.expires_at(timer.expiry() + period);
            wait();
        });
    }
};

void asio_ticks(const point& at) {
    asio::io_context context{asio_single_thread};
    const start s{at, 1us};
    std::deque<asio_periodic> periodics;
    for (long i = 0; i < at.n; ++i) periodics.emplace_back(context, s.first(i), at.period);
    context.run();
}

asio::awaitable<void> asio_tick_for_ever(std::int64_t first, nanoseconds period) {
    asio::steady_timer timer{co_await asio::this_coro::executor, asio_time(first)};
    for (;;) {
        co_await timer.async_wait(asio::use_awaitable);
        ++ticks;
        timer.expires_at(timer.expiry() + period);
    }
}

void asio_coroutine_ticks(const point& at) {
    asio::io_context context{asio_single_thread};
    const start s{at, 4us};
    for (long i = 0; i < at.n; ++i)
        asio::co_spawn(context, asio_tick_for_ever(s.first(i), at.period), asio::detached);
    context.run();
}

void cicada_ticks_with(const point& at, cicada::asio_options options) {
    asio::io_context context{asio_single_thread};
    cicada::asio_host host{context, std::move(options)};
    const start s{at, 1us};
    std::deque<cicada::periodic> all;
    for (long i = 0; i < at.n; ++i)
        all.push_back(cicada::every(host.get(), at.period, {.first = to_elapsed(s.first(i))},
                                    [] { ++ticks; }));
    context.run();
}

void cicada_ticks(const point& at) { cicada_ticks_with(at, {}); }
template <int AccuracyUs>
void cicada_ticks_at(const point& at) {
    cicada_ticks_with(at, {.accuracy = std::chrono::microseconds{AccuracyUs}});
}

// --- memory --------------------------------------------------------------------------------------
template <class Build>
[[noreturn]] void report_bytes(long n, Build build) {
    const auto before = resident_bytes();
    build();
    report({{"bytes", static_cast<double>(resident_bytes() - before) / static_cast<double>(n)}});
}

void asio_memory(const point& at) {
    asio::io_context context{asio_single_thread};
    std::deque<asio_periodic> periodics;
    const auto far = elapsed_ns() + 3'600'000'000'000;
    report_bytes(at.n, [&] {
        for (long i = 0; i < at.n; ++i) periodics.emplace_back(context, far, 1h);
        context.poll();
    });
}

void asio_coroutine_memory(const point& at) {
    asio::io_context context{asio_single_thread};
    const auto far = elapsed_ns() + 3'600'000'000'000;
    report_bytes(at.n, [&] {
        for (long i = 0; i < at.n; ++i) {
            asio::co_spawn(context, asio_tick_for_ever(far, 1h), asio::detached);
            context.poll();
        }
    });
}

void cicada_memory(const point& at) {
    asio::io_context context{asio_single_thread};
    std::optional<cicada::asio_host> host;
    std::vector<cicada::periodic> all;
    report_bytes(at.n, [&] {
        host.emplace(context);
        all.reserve(static_cast<std::size_t>(at.n));
        for (long i = 0; i < at.n; ++i) {
            all.push_back(cicada::every(host->get(), 1h, {.first = cicada::first::after_period},
                                        [] { ++ticks; }));
            if (i % 1'000 == 0) context.poll();
        }
        context.poll();
    });
}

// --- an awaited operation ------------------------------------------------------------------------
constexpr int operations = 10'000;

/// Real programs have sockets and timers, so their context polls them between handlers; a bare one
/// does not.
struct context_of {
    asio::io_context context{asio_single_thread};
    std::optional<asio::steady_timer> pending;
    explicit context_of(const point& at) {
        if (at.n == 0) return;
        pending.emplace(context, 1h);
        pending->async_wait([](auto) {});
    }
    template <class Begin>
    [[noreturn]] void measure(Begin begin) {
        report({{"ns", ns_each(operations, [&] {
                     begin();
                     context.restart();
                     context.run();
                 })}});
    }
};

asio::awaitable<void> asio_awaits(asio::io_context& context) {
    for (int i = 0; i < operations; ++i) co_await asio::post(asio::use_awaitable);
    context.stop();
}

void asio_operation(const point& at) {
    context_of c{at};
    c.measure([&] { asio::co_spawn(c.context, asio_awaits(c.context), asio::detached); });
}

cicada::task<> cicada_awaits(asio::io_context& context) {
    for (int i = 0; i < operations; ++i) co_await asio::post(cicada::use_task);
    context.stop();
}

void cicada_operation(const point& at) {
    context_of c{at};
    cicada::asio_host host{c.context};
    c.measure([&] { cicada::spawn(host.get(), cicada_awaits(c.context)).detach(); });
}

const std::vector<point> hundred_thousand{{.label = "1e5 of 1s", .n = 100'000, .period = 1s},
                                          {.label = "1e5 of 100ms", .n = 100'000, .period = 100ms}};

const question w11{{.id = "W11",
                    .asks = "a tick of one of N periodics within an io_context",
                    .unit = "CPU ns a tick",
                    .goal = "Asio's own timers at least 4 x",
                    .points = hundred_thousand,
                    .contenders = {{"Asio", asio_ticks},
                                   {"Asio coroutine", asio_coroutine_ticks},
                                   {"cicada", cicada_ticks},
                                   {"cicada 50us", cicada_ticks_at<50>},
                                   {"cicada exact", cicada_ticks_at<0>}}}};
const question w11_memory{{.id = "W11.memory",
                           .asks = "an idle periodic within an io_context",
                           .unit = "resident bytes each",
                           .goal = "Asio's own timers at least 4 x",
                           .points = {{.label = "1e5", .n = 100'000}},
                           .contenders = {{"Asio", asio_memory},
                                          {"Asio coroutine", asio_coroutine_memory},
                                          {"cicada", cicada_memory}}}};
const question w11_operation{
    {.id = "W11.await",
     .asks = "await a post: with a reactor, as every program with sockets or timers; without",
     .unit = "ns",
     .goal = "<= 1.2 x Asio's awaitable",
     .points = {{.label = "reactor", .n = 1}, {.label = "bare", .n = 0}},
     .contenders = {{"Asio", asio_operation}, {"cicada", cicada_operation}}}};

} // namespace
