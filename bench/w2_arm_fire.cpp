// W2: what does it cost to arm N one-shot timers, spread over the next second, and fire them all?
// CPU ns a timer. W2.exact: each at its own deadline, under the kernel's default timer slack.
#include "bare_wheel.hpp"
#include "ours.hpp"
#include "peers.hpp"

#include <deque>
#include <memory>

namespace {

using namespace bench;

/// Draws deadlines, counts what fired, reports the CPU time from the first arming to the last
/// firing.
struct shot {
    long left;
    std::vector<std::int64_t> delays;
    std::int64_t begin = 0, cpu = 0;

    explicit shot(const point& at) : left{at.n}, delays(static_cast<std::size_t>(at.n)) {
        generator r;
        for (auto& d : delays) d = r.between(1'000'000, 1'000'000'000);
    }
    void start() { begin = elapsed_ns(), cpu = cpu_ns(); }
    bool fired() noexcept { return --left == 0; }
    [[noreturn]] void done() const {
        const auto count = static_cast<double>(delays.size());
        report({{"ns", static_cast<double>(cpu_ns() - cpu) / count},
                {"wall_s", static_cast<double>(elapsed_ns() - begin) * 1e-9}});
    }
};

shot* current; // for callbacks in C

struct bare_shot : bare::node {
    void (*fire)(bare_shot&);
};

template <bool Exact>
void limit(const point& at) {
    shot s{at};
    current = &s;
    std::vector<bare_shot> timers(s.delays.size());
    auto wheel = std::make_unique<bare::wheel<20, Exact>>(elapsed_ns());
    s.start();
    for (std::size_t i = 0; i < timers.size(); ++i) {
        timers[i].fire = [](bare_shot&) { current->fired(); };
        wheel->arm(timers[i], s.begin + s.delays[i]);
    }
    while (s.left > 0) {
        wheel->expire(elapsed_ns(), [](bare::node& n) {
            auto& t = static_cast<bare_shot&>(n);
            t.fire(t);
        });
        if (const auto next = wheel->next(); s.left > 0 && next > elapsed_ns())
            bare::sleep_until(next);
    }
    s.done();
}

void libev(const point& at) {
    shot s{at};
    current = &s;
    struct ev_loop* loop = ev_default_loop(0);
    std::vector<ev_timer> timers(s.delays.size());
    s.start();
    ev_now_update(loop);
    for (std::size_t i = 0; i < timers.size(); ++i) {
        ev_timer_init(
            &timers[i], [](struct ev_loop*, ev_timer*, int) { current->fired(); },
            double(s.delays[i]) * 1e-9, 0);
        ev_timer_start(loop, &timers[i]);
    }
    ev_run(loop, 0);
    s.done();
}

void libevent(const point& at) {
    shot s{at};
    current = &s;
    event_base* base = precise_event_base();
    std::vector<event*> timers(s.delays.size());
    for (auto& t : timers)
        t = evtimer_new(base, [](evutil_socket_t, short, void*) { current->fired(); }, nullptr);
    s.start();
    for (std::size_t i = 0; i < timers.size(); ++i) {
        const timeval t = to_timeval(s.delays[i]);
        evtimer_add(timers[i], &t);
    }
    event_base_dispatch(base);
    s.done();
}

void libuv(const point& at) {
    shot s{at};
    current = &s;
    uv_loop_t* loop = uv_default_loop();
    std::vector<uv_timer_t> timers(s.delays.size());
    s.start();
    uv_update_time(loop);
    for (std::size_t i = 0; i < timers.size(); ++i) {
        uv_timer_init(loop, &timers[i]);
        uv_timer_start(
            &timers[i], [](uv_timer_t*) { current->fired(); },
            static_cast<std::uint64_t>(s.delays[i] / 1'000'000), 0);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    s.done();
}

void boost_asio(const point& at) {
    shot s{at};
    asio::io_context context{asio_single_thread};
    std::deque<asio::steady_timer> timers;
    s.start();
    for (const auto d : s.delays) {
        timers.emplace_back(context, asio_time(s.begin + d));
        timers.back().async_wait([&s](auto) { s.fired(); });
    }
    context.run();
    s.done();
}

struct cicada_shot final : cicada::detail::timer {
    void expired(const cicada::detail::expiry&) noexcept override {
        if (current->fired()) current->done();
    }
};

cicada::task<> fire_on_loop() {
    shot& s = *current;
    auto& loop = cicada::loop::current();
    std::vector<cicada_shot> timers(s.delays.size());
    s.start();
    for (std::size_t i = 0; i < timers.size(); ++i)
        loop.arm(timers[i], to_elapsed(s.begin + s.delays[i]));
    co_await cicada::sleep(1h);
}

template <int AccuracyUs>
void cicada_timers(const point& at) {
    shot s{at};
    current = &s;
    cicada::run(fire_on_loop(), {.accuracy = std::chrono::microseconds{AccuracyUs}});
}

const std::vector<point> sizes{{.label = "N=1e5", .n = 100'000},
                               {.label = "N=1e6", .n = 1'000'000}};

const question w2{{.id = "W2",
                   .asks = "arm N timers within 1 s and fire them, 1 ms accuracy",
                   .unit = "CPU ns a timer",
                   .goal = "<= 350 at 1e5, <= 100 at 1e6",
                   .points = sizes,
                   .contenders = {{"limit", limit<false>},
                                  {"libev", libev},
                                  {"libevent", libevent},
                                  {"libuv", libuv},
                                  {"cicada", cicada_timers<1000>}}}};
const question w2_exact{
    {.id = "W2.exact",
     .asks = "the same, each at its own deadline",
     .unit = "CPU ns a timer",
     .goal = "<= 3,300 at 1e5, <= 450 at 1e6",
     .points = sizes,
     .contenders = {{"limit", limit<true>}, {"Asio", boost_asio}, {"cicada", cicada_timers<50>}}}};

} // namespace
