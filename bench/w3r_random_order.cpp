// W3r: what does it cost to fire and re-arm 10^6 periodics of 1 s that lie in memory in another
// order than they fire? On a virtual clock, so that nothing but memory counts. "exact" keeps ns
// deadlines in order, "1ms" rounds them up.
#include "bare_task.hpp"
#include "bare_wheel.hpp"
#include "ours.hpp"
#include "peers.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <deque>
#include <memory>

namespace {

using namespace bench;

constexpr std::int64_t period = 1'000'000'000, step = 1'000'000;
std::uint64_t ticks;

/// Steps virtual time by 1 ms: one period to warm, then measured. `turn(now)` fires all that is
/// due.
template <class Turn>
[[noreturn]] void report_turns(Turn turn) {
    std::int64_t now = 0;
    const auto run = [&](int periods) {
        for (const auto end = now + periods * period; now < end; turn(now)) now += step;
    };
    run(2); // the first ticks, and one of each re-armed
    const auto count = ticks;
    const auto from = cpu_ns();
    run(quick() ? 2 : 4);
    report({{"ns", static_cast<double>(cpu_ns() - from) / static_cast<double>(ticks - count)}});
}

/// The i-th node in memory is the order[i]-th to fire.
struct phases {
    std::vector<std::uint32_t> order;
    std::int64_t spacing;
    explicit phases(const point& at) : order{shuffled(at.n)}, spacing{period / at.n} {}
    std::int64_t operator[](std::size_t i) const { return period + order[i] * spacing; }
};

struct bare_periodic : bare::node {
    void (*body)(bare_periodic&);
    std::uint64_t own_ticks = 0;
    char policy[32]; // what a periodic holds beside its node
};

template <bool Exact>
void limit(const point& at) {
    const phases first{at};
    std::vector<bare_periodic> nodes(static_cast<std::size_t>(at.n));
    auto wheel = std::make_unique<bare::wheel<20, Exact>>(0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].body = [](bare_periodic& p) { ++p.own_ticks, ++ticks; };
        wheel->arm(nodes[i], first[i]);
    }
    report_turns([&](std::int64_t now) {
        wheel->expire(now, [&](bare::node& n) {
            auto& p = static_cast<bare_periodic&>(n);
            p.body(p);
            wheel->arm(n, bare::after(n.deadline, period, now));
        });
    });
}

template <bool Exact>
void limit_coroutine(const point& at) {
    using wheel_type = bare::wheel<20, Exact>;
    static std::int64_t current;
    const phases first{at};
    auto wheel = std::make_unique<wheel_type>(0);
    for (std::size_t i = 0; i < first.order.size(); ++i)
        bare::tick_for_ever(*wheel, first[i], period, current, [] { ++ticks; }).frame.resume();
    report_turns([&](std::int64_t now) {
        current = now;
        wheel->expire(
            now, [](bare::node& n) { static_cast<bare::until<wheel_type>&>(n).waiter.resume(); });
    });
}

/// What most libraries have: a 4-ary heap of {deadline, node*}.
void heap_of_four(const point& at) {
    const phases first{at};
    std::vector<bare_periodic> nodes(static_cast<std::size_t>(at.n));
    std::vector<bare::entry> heap(nodes.size());
    const auto sink = [&](std::size_t i, bare::entry e) {
        for (;;) {
            const auto child = 4 * i + 1;
            if (child >= heap.size()) break;
            auto least = child;
            for (auto c = child + 1; c < std::min(child + 4, heap.size()); ++c)
                if (heap[c].deadline < heap[least].deadline) least = c;
            if (heap[least].deadline >= e.deadline) break;
            heap[i] = heap[least], i = least;
        }
        heap[i] = e;
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) heap[i] = {first[i], &nodes[i]};
    for (std::size_t i = heap.size(); i-- > 0;) sink(i, heap[i]);
    report_turns([&](std::int64_t now) {
        while (heap[0].deadline <= now) {
            auto& p = static_cast<bare_periodic&>(*heap[0].who);
            ++p.own_ticks, ++ticks;
            sink(0, {heap[0].deadline + period, &p});
        }
    });
}

/// The usual hashed wheel: slots of 1 ms are doubly linked lists through the nodes.
void linked_wheel(const point& at) {
    struct link {
        link *next = this, *previous = this;
        std::int64_t deadline = 0;
        std::uint64_t own_ticks = 0;
        char policy[32];
    };
    const phases first{at};
    std::vector<link> nodes(static_cast<std::size_t>(at.n)), slots(1024);
    const auto arm = [&](link& n, std::int64_t deadline) {
        link& slot = slots[static_cast<std::size_t>((deadline + step - 1) / step) & 1023];
        n.deadline = deadline;
        n.previous = slot.previous, n.next = &slot;
        n.previous->next = slot.previous = &n;
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) arm(nodes[i], first[i]);
    report_turns([&](std::int64_t now) {
        link& slot = slots[static_cast<std::size_t>(now / step) & 1023];
        const link* last = slot.previous;
        for (link* n = slot.next; n != &slot;) {
            link& due = *n;
            n = &due == last ? &slot : n->next;
            due.previous->next = due.next, due.next->previous = due.previous;
            if (due.deadline > now) {
                arm(due, due.deadline);
                continue;
            }
            ++due.own_ticks, ++ticks;
            arm(due, due.deadline + period);
        }
    });
}

// Asio takes a clock of the user's own; it is polled.
struct virtual_clock {
    using duration = nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<virtual_clock>;
    static constexpr bool is_steady = true;
    static inline time_point current{};
    static time_point now() noexcept { return current; }
};

struct asio_periodic {
    asio::basic_waitable_timer<virtual_clock> timer;
    asio_periodic(asio::io_context& c, std::int64_t first)
        : timer{c, virtual_clock::time_point{nanoseconds{first}}} {
        wait();
    }
    void wait() {
        timer.async_wait([this](auto) {
            ++ticks;
            timer.expires_at(timer.expiry() + nanoseconds{period});
            wait();
        });
    }
};

void boost_asio(const point& at) {
    const phases first{at};
    asio::io_context context{asio_single_thread};
    std::deque<asio_periodic> periodics;
    for (std::size_t i = 0; i < first.order.size(); ++i) periodics.emplace_back(context, first[i]);
    // So that the reactor looks at the clock.
    asio::basic_waitable_timer<virtual_clock> nudge{context};
    report_turns([&](std::int64_t now) {
        virtual_clock::current = virtual_clock::time_point{nanoseconds{now}};
        nudge.expires_at(virtual_clock::current);
        nudge.async_wait([](auto) {});
        while (context.poll() > 0) {
        }
    });
}

// --- cicada, by a driver whose clock we step; deadlines are exact anyway -------------------------
template <bool Exact>
cicada::elapsed_time first_at(std::int64_t ns) {
    if (!Exact) ns = (ns + step - 1) / step * step;
    return cicada::elapsed_time{nanoseconds{ns}};
}

[[noreturn]] void report_steps(stepped_loop& l) {
    report_turns([&](std::int64_t now) {
        l.clock.at = cicada::elapsed_time{nanoseconds{now}};
        l.loop.run_ready();
    });
}

struct cicada_timer final : cicada::detail::timer {
    cicada::loop* home = nullptr;
    std::uint64_t own_ticks = 0;
    char policy[24];
    void expired(const cicada::detail::expiry&) noexcept override {
        ++own_ticks, ++ticks;
        home->arm(*this, cicada::elapsed_time{nanoseconds{deadline() + period}});
    }
};

template <bool Exact>
void cicada_timers(const point& at) {
    const phases first{at};
    stepped_loop stepped;
    std::vector<cicada_timer> all(first.order.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].home = &stepped.loop, stepped.loop.arm(all[i], first_at<Exact>(first[i]));
    report_steps(stepped);
}

template <bool Exact, class Body>
[[noreturn]] void cicada_with(const point& at, Body body) {
    const phases first{at};
    stepped_loop stepped;
    std::vector<cicada::periodic> all;
    for (std::size_t i = 0; i < first.order.size(); ++i)
        all.push_back(
            cicada::every(nanoseconds{period}, {.first = first_at<Exact>(first[i])}, body));
    report_steps(stepped);
}

template <bool Exact>
void cicada_every(const point& at) {
    cicada_with<Exact>(at, [] { ++ticks; });
}

template <bool Exact>
void cicada_every_coroutine(const point& at) {
    cicada_with<Exact>(at, []() -> cicada::task<> {
        ++ticks;
        co_return;
    });
}

cicada::task<> sleep_and_tick(cicada::elapsed_time due) {
    for (;; due += nanoseconds{period}) {
        co_await cicada::sleep_until(due);
        ++ticks;
    }
}

template <bool Exact>
void cicada_sleep(const point& at) {
    const phases first{at};
    stepped_loop stepped;
    for (std::size_t i = 0; i < first.order.size(); ++i)
        cicada::spawn(sleep_and_tick(first_at<Exact>(first[i]))).detach();
    report_steps(stepped);
}

const std::vector<point> million{{.label = "1e6 of 1s", .n = 1'000'000}};

const question w3r{
    {.id = "W3r",
     .asks = "fire and re-arm in random memory order, virtual clock, exact deadlines",
     .unit = "ns",
     .goal = "<= 75",
     .points = million,
     .contenders = {{"limit", limit<true>},
                    {"4-ary heap", heap_of_four},
                    {"Asio", boost_asio},
                    {"cicada", cicada_every<true>},
                    {"cicada timer", cicada_timers<true>}}}};
const question w3r_1ms{{.id = "W3r.1ms",
                        .asks = "the same, deadlines rounded to 1 ms",
                        .unit = "ns",
                        .goal = "<= 40",
                        .points = million,
                        .contenders = {{"limit", limit<false>},
                                       {"linked wheel", linked_wheel},
                                       {"cicada", cicada_every<false>},
                                       {"cicada timer", cicada_timers<false>}}}};
const question w3r_coroutine{{.id = "W3r.coroutine",
                              .asks = "exact, with a coroutine as the body",
                              .unit = "ns",
                              .goal = "<= 120",
                              .points = million,
                              .contenders = {{"limit", limit_coroutine<true>},
                                             {"cicada", cicada_every_coroutine<true>},
                                             {"cicada sleep", cicada_sleep<true>}}}};
const question w3r_coroutine_1ms{{.id = "W3r.coroutine.1ms",
                                  .asks = "at 1 ms, with a coroutine as the body",
                                  .unit = "ns",
                                  .goal = "<= 60",
                                  .points = million,
                                  .contenders = {{"limit", limit_coroutine<false>},
                                                 {"cicada", cicada_every_coroutine<false>},
                                                 {"cicada sleep", cicada_sleep<false>}}}};

} // namespace
