// W5: how late are the ticks of 1,000 periodics of 10 ms, evenly spread, and what share of a core
// does it take? Late against the schedule: the k-th tick of a periodic is due at first + k *
// period, whatever it did before, so a drift shows in p50 too. W5.precise: as soon as the kernel
// can. W5.spin: busy before a deadline.
#include "bare_wheel.hpp"
#include "ours.hpp"
#include "peers.hpp"

#include <deque>

namespace {

using namespace bench;

counter ticks;
std::vector<std::int64_t> lateness(8'000'000); // touched before the clock runs

void record_late(std::int64_t by) noexcept {
    lateness[ticks.value() % lateness.size()] = by;
    ++ticks;
}
void record(std::int64_t due) noexcept { record_late(elapsed_ns() - due); }

double percentile(std::int64_t* from, std::int64_t* to, double share) { // in us
    auto* at = from + static_cast<long>(static_cast<double>(to - from - 1) * share);
    std::nth_element(from, at, to);
    return static_cast<double>(*at) * 1e-3;
}

/// A periodic of a peer that does not tell nominal times: it counts.
struct schedule {
    std::int64_t due = 0, period = 0;
    void tick() noexcept { record(due), due += period; }
};

/// The i-th begins at i * P / N; the watch begins two periods later.
struct start {
    std::int64_t begin_at, period, step;
    std::vector<schedule> each;
    explicit start(const point& at)
        : begin_at{begin_of(at)}, period{at.period.count()}, step{period / at.n},
          each(static_cast<std::size_t>(at.n)) {
        for (long i = 0; i < at.n; ++i)
            each[static_cast<std::size_t>(i)] = {begin_at + i * step, period};
        watch(begin_at + 2 * period, quick() ? 2s : 5s, ticks, [](const span& s) {
            auto* end = lateness.data() + ticks.value();
            auto* from = end - static_cast<long>(s.ticks);
            const auto early = std::count_if(from, end, [](std::int64_t l) { return l < 0; });
            const double drift =
                percentile(end - 1'000, end, .5) - percentile(from, from + 1'000, .5);
            report({{"p99", percentile(from, end, .99)},
                    {"p50", percentile(from, end, .50)},
                    {"core%", s.cpu_ns / s.wall_ns * 100},
                    {"drift_ms", drift * 1e-3},
                    {"early%", static_cast<double>(early) / s.ticks * 100}});
        });
    }
};

enum class waiting { slack, precise, spin };

template <waiting How>
void limit(const point& at) {
    if (How == waiting::precise) timer_slack(1ns);
    start s{at};
    for (auto next = s.begin_at;;) {
        for (const auto now = elapsed_ns(); next <= now; next += s.step) record(next);
        if (How != waiting::spin && next > elapsed_ns()) bare::sleep_until(next);
    }
}

void libev(const point& at) {
    struct ev_loop* loop = ev_default_loop(0);
    std::vector<ev_timer> timers(static_cast<std::size_t>(at.n));
    static start s{at};
    for (std::size_t i = 0; i < timers.size(); ++i) {
        ev_now_update(loop);
        ev_timer_init(
            &timers[i],
            [](struct ev_loop*, ev_timer* t, int) { static_cast<schedule*>(t->data)->tick(); },
            double(s.each[i].due - elapsed_ns()) * 1e-9, double(s.period) * 1e-9);
        timers[i].data = &s.each[i];
        ev_timer_start(loop, &timers[i]);
    }
    ev_run(loop, 0);
}

void libevent_with(event_base* base, const point& at) {
    struct self {
        event* handle;
        schedule* due;
        bool first = true;
    };
    static start s{at};
    static const timeval period = to_timeval(s.period);
    for (auto& each : s.each) {
        auto* me = new self{nullptr, &each};
        me->handle = event_new(
            base, -1, EV_PERSIST,
            [](evutil_socket_t, short, void* v) {
                auto& me = *static_cast<self*>(v);
                if (me.first) event_add(me.handle, &period), me.first = false;
                me.due->tick();
            },
            me);
        const timeval first = to_timeval(each.due - elapsed_ns());
        event_add(me->handle, &first);
    }
    event_base_dispatch(base);
}

void libevent(const point& at) { libevent_with(event_base_new(), at); }
void libevent_precise(const point& at) { libevent_with(precise_event_base(), at); }

void libuv(const point& at) {
    uv_loop_t* loop = uv_default_loop();
    std::vector<uv_timer_t> timers(static_cast<std::size_t>(at.n));
    static start s{at};
    for (std::size_t i = 0; i < timers.size(); ++i) {
        uv_update_time(loop);
        uv_timer_init(loop, &timers[i]);
        timers[i].data = &s.each[i];
        uv_timer_start(
            &timers[i], [](uv_timer_t* t) { static_cast<schedule*>(t->data)->tick(); },
            static_cast<std::uint64_t>((s.each[i].due - elapsed_ns()) / 1'000'000),
            static_cast<std::uint64_t>(s.period / 1'000'000));
    }
    uv_run(loop, UV_RUN_DEFAULT);
}

struct asio_periodic {
    asio::steady_timer timer;
    schedule& due;
    asio_periodic(asio::io_context& c, schedule& s) : timer{c, asio_time(s.due)}, due{s} { wait(); }
    void wait() {
        timer.async_wait([this](auto) {
            due.tick();
            timer.expires_at(timer.expiry() + nanoseconds{due.period});
            wait();
        });
    }
};

void boost_asio(const point& at) {
    asio::io_context context{asio_single_thread};
    start s{at};
    std::deque<asio_periodic> periodics;
    for (auto& each : s.each) periodics.emplace_back(context, each);
    context.run();
}

cicada::task<> tick_with_every(point at) {
    start s{at};
    std::vector<cicada::periodic> all;
    for (auto& each : s.each)
        all.push_back(
            cicada::every(at.period, {.first = to_elapsed(each.due)}, [&each](cicada::tick t) {
                each.due += static_cast<std::int64_t>(t.missed) * each.period;
                record_late((cicada::elapsed_clock::now() - to_elapsed(each.due)).count());
                each.due += each.period;
            }));
    co_await cicada::sleep(1h);
}

void cicada_default(const point& at) { cicada::run(tick_with_every(at)); }
void cicada_precise(const point& at) { cicada::run(tick_with_every(at), {.accuracy = 0ns}); }
void cicada_spin(const point& at) {
    cicada::run(tick_with_every(at), {.accuracy = 0ns, .spin = 50us});
}

const std::vector<point> thousand{{.label = "1000 of 10ms", .n = 1'000, .period = 10ms}};

const question w5{{.id = "W5",
                   .asks = "lateness as it comes",
                   .unit = "us, p99",
                   .goal = "<= 100 at <= 30 % of a core, drift 0, never early",
                   .points = thousand,
                   .contenders = {{"limit", limit<waiting::slack>},
                                  {"libev", libev},
                                  {"libevent", libevent},
                                  {"libevent precise", libevent_precise},
                                  {"libuv", libuv},
                                  {"Asio", boost_asio},
                                  {"cicada", cicada_default}}}};
const question w5_precise{{.id = "W5.precise",
                           .asks = "lateness, as precise as the kernel",
                           .unit = "us, p99",
                           .goal = "p50 <= 15, p99 <= 40",
                           .points = thousand,
                           .contenders = {{"limit", limit<waiting::precise>},
                                          {"Asio", boost_asio},
                                          {"cicada", cicada_precise}}}};
const question w5_spin{{.id = "W5.spin",
                        .asks = "lateness when spinning is allowed",
                        .unit = "us, p99",
                        .goal = "p50 <= 1, p99 <= 2",
                        .points = thousand,
                        .contenders = {{"limit", limit<waiting::spin>}, {"cicada", cicada_spin}}}};

} // namespace
