// W9: what does it cost to cancel 10^5 idle periodics and wait until all have ended? W9.coroutine:
// sleeping coroutines? Peers without a notion of an end are only unlinked, "unlink".
#include "bare_task.hpp"
#include "ours.hpp"
#include "peers.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <deque>
#include <memory>

namespace {

using namespace bench;

long ended = 0;

/// `cancel` cancels all n and returns when all have ended.
template <class Cancel>
[[noreturn]] void report_cancelled(long n, Cancel cancel) {
    const auto from = elapsed_ns();
    cancel();
    const auto took = static_cast<double>(elapsed_ns() - from);
    if (ended != n) std::abort();
    report({{"ns", took / static_cast<double>(n)}});
}

/// Periods of 1 min to 1 h, at random.
std::vector<std::int64_t> periods(long n) {
    std::vector<std::int64_t> p(static_cast<std::size_t>(n));
    generator r;
    for (auto& each : p) each = r.between(60'000'000'000, 3'600'000'000'000);
    return p;
}

// --- the limits ----------------------------------------------------------------------------------
struct bare_periodic : bare::node {
    void (*on_end)(bare_periodic&) = [](bare_periodic&) { ++ended; };
    bool cancelled = false;
};

void limit(const point& at) {
    std::vector<bare_periodic> all(static_cast<std::size_t>(at.n));
    auto wheel = std::make_unique<bare::wheel<>>(0);
    const auto p = periods(at.n);
    for (std::size_t i = 0; i < all.size(); ++i) wheel->arm(all[i], p[i]);
    report_cancelled(at.n, [&] {
        for (auto& one : all) {
            wheel->disarm(one);
            one.cancelled = true;
            one.on_end(one);
        }
    });
}

/// Sleeps that learn of the request by a flag, or by the one throw that unwinds them.
struct cancellable : bare::until<bare::wheel<>> {
    bool& cancelled;
    bool throws;
    cancellable(bare::wheel<>& w, std::int64_t t, bool& c, bool by_throw)
        : until{w, t}, cancelled{c}, throws{by_throw} {}
    void await_resume() {
        if (cancelled && throws) throw 1;
    }
};

std::vector<cancellable*> sleeping;

bare::detached<bare::heap> sleep_for_ever(bare::wheel<>& wheel, std::int64_t period,
                                          bool& cancelled, bool throws) {
    try {
        while (!cancelled) {
            cancellable sleep{wheel, period, cancelled, throws};
            sleeping.push_back(&sleep);
            co_await sleep;
        }
    } catch (int) {
    }
    ++ended;
}

template <bool Throws>
void limit_coroutine(const point& at) {
    auto wheel = std::make_unique<bare::wheel<>>(0);
    static bool cancelled = false;
    sleeping.reserve(static_cast<std::size_t>(at.n));
    for (const auto p : periods(at.n)) sleep_for_ever(*wheel, p, cancelled, Throws).frame.resume();
    report_cancelled(at.n, [&] {
        cancelled = true;
        for (auto* s : sleeping) {
            wheel->disarm(*s);
            s->waiter.resume();
        }
    });
}

// --- unlinking only ------------------------------------------------------------------------------
void libev(const point& at) {
    struct ev_loop* loop = ev_default_loop(0);
    std::vector<ev_timer> all(static_cast<std::size_t>(at.n));
    const auto p = periods(at.n);
    for (std::size_t i = 0; i < all.size(); ++i) {
        ev_timer_init(
            &all[i], [](struct ev_loop*, ev_timer*, int) {}, double(p[i]) * 1e-9,
            double(p[i]) * 1e-9);
        ev_timer_start(loop, &all[i]);
    }
    report_cancelled(at.n, [&] {
        for (auto& one : all) ev_timer_stop(loop, &one), ++ended;
    });
}

void libevent(const point& at) {
    event_base* base = event_base_new();
    std::vector<event*> all;
    for (const auto p : periods(at.n)) {
        const timeval t = to_timeval(p);
        all.push_back(
            event_new(base, -1, EV_PERSIST, [](evutil_socket_t, short, void*) {}, nullptr));
        event_add(all.back(), &t);
    }
    report_cancelled(at.n, [&] {
        for (auto* one : all) event_del(one), ++ended;
    });
}

// --- until all have ended ------------------------------------------------------------------------
void libuv(const point& at) {
    uv_loop_t* loop = uv_default_loop();
    std::vector<uv_timer_t> all(static_cast<std::size_t>(at.n));
    const auto p = periods(at.n);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto ms = static_cast<std::uint64_t>(p[i] / 1'000'000);
        uv_timer_init(loop, &all[i]);
        uv_timer_start(&all[i], [](uv_timer_t*) {}, ms, ms);
    }
    report_cancelled(at.n, [&] {
        for (auto& one : all)
            uv_close(reinterpret_cast<uv_handle_t*>(&one), [](uv_handle_t*) { ++ended; });
        uv_run(loop, UV_RUN_DEFAULT);
    });
}

void boost_asio(const point& at) {
    asio::io_context context{asio_single_thread};
    std::deque<asio::steady_timer> all;
    for (const auto p : periods(at.n)) {
        all.emplace_back(context, nanoseconds{p});
        all.back().async_wait(
            [](boost::system::error_code e) { ended += e == asio::error::operation_aborted; });
    }
    report_cancelled(at.n, [&] {
        for (auto& one : all) one.cancel();
        context.run();
    });
}

asio::awaitable<void> asio_sleep_by_code(nanoseconds period) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;) {
        timer.expires_after(period);
        if (auto [e] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable)); e) co_return;
    }
}

asio::awaitable<void> asio_sleep_by_throw(nanoseconds period) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;) {
        timer.expires_after(period);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

template <auto Sleep>
void boost_asio_coroutine(const point& at) {
    asio::io_context context{asio_single_thread};
    std::deque<asio::cancellation_signal> all;
    for (const auto p : periods(at.n)) {
        all.emplace_back();
        asio::co_spawn(
            context, Sleep(nanoseconds{p}),
            asio::bind_cancellation_slot(all.back().slot(), [](std::exception_ptr) { ++ended; }));
    }
    context.poll();
    report_cancelled(at.n, [&] {
        for (auto& one : all) one.emit(asio::cancellation_type::terminal);
        context.run();
    });
}

// --- cicada: first all are requested, then each is awaited ---------------------------------------
template <class Handles>
cicada::task<> cancel_and_report(Handles all) {
    const auto from = elapsed_ns();
    for (auto& one : all) static_cast<void>(one.cancel());
    for (auto& one : all) co_await one.cancel();
    report({{"ns", static_cast<double>(elapsed_ns() - from) / static_cast<double>(all.size())}});
}

cicada::task<> cancel_periodics(long n) {
    std::vector<cicada::periodic> all;
    for (const auto p : periods(n))
        all.push_back(cicada::every(nanoseconds{p}, {.first = cicada::first::after_period}, [] {}));
    co_await cicada::sleep(1ms);
    co_await cancel_and_report(std::move(all));
}
void cicada_every(const point& at) { cicada::run(cancel_periodics(at.n)); }

cicada::task<> cicada_sleep_for_ever(nanoseconds period) {
    for (;;) co_await cicada::sleep(period);
}

cicada::task<> cicada_sleep_unless_cancelled(nanoseconds period) {
    while (auto slept = co_await cicada::unless_cancelled(cicada::sleep(period))) {
    }
}

template <auto Sleep>
cicada::task<> cancel_sleepers(long n) {
    std::vector<cicada::join_handle<void>> all;
    for (const auto p : periods(n)) all.push_back(cicada::spawn(Sleep(nanoseconds{p})));
    co_await cicada::sleep(1ms);
    co_await cancel_and_report(std::move(all));
}
template <auto Sleep>
void cicada_sleep(const point& at) {
    cicada::run(cancel_sleepers<Sleep>(at.n));
}

const std::vector<point> sizes{{.label = "N=1e5", .n = 100'000}};

const question w9{{.id = "W9",
                   .asks = "cancel N idle periodics and wait until all have ended",
                   .unit = "ns each",
                   .goal = "<= 50",
                   .points = sizes,
                   .contenders = {{"limit", limit},
                                  {"libev unlink", libev},
                                  {"libevent unlink", libevent},
                                  {"libuv", libuv},
                                  {"Asio", boost_asio},
                                  {"cicada", cicada_every}}}};
const question w9_coroutine{
    {.id = "W9.coroutine",
     .asks = "cancel N sleeping coroutines and wait until all have ended",
     .unit = "ns each",
     .goal = "<= 1,200 by exception, <= 200 without",
     .points = sizes,
     .contenders = {{"limit", limit_coroutine<true>},
                    {"limit no throw", limit_coroutine<false>},
                    {"Asio codes", boost_asio_coroutine<asio_sleep_by_code>},
                    {"Asio exceptions", boost_asio_coroutine<asio_sleep_by_throw>},
                    {"cicada", cicada_sleep<cicada_sleep_for_ever>},
                    {"cicada unless_cancelled", cicada_sleep<cicada_sleep_unless_cancelled>}}}};

} // namespace
