#include <cicada/schedule/simulate.hpp>

#include <algorithm>
#include <deque>
#include <queue>
#include <stdexcept>
#include <utility>

#include <cicada/schedule/plan.hpp>
#include <cicada/schedule/run_queue.hpp>
#include <schedule/name_hash.hpp>

namespace cicada {

namespace {

struct player;

/// Something that happens to a schedule: it looks for instants that are due, or a run of it ends. What comes at one time
/// comes in a loop's order: what was armed in a turn of the loop waits for the next, and in a turn runs that were cancelled
/// end first, elapsed time goes before wall time, then the earlier deadline, then what was armed first.
struct event {
    enum class kind : std::uint8_t { end_of_cancelled, end_of_run, interval, calendar };

    wall_time at;
    std::uint64_t step; // of those at this time: the turn, and in it the rank of the kind
    wall_time deadline; // before `at` if an outage came in between
    std::uint64_t order;
    kind what;
    player* whose;
    std::uint64_t run; // end_of_run: which

    static std::uint64_t step_of(std::uint64_t turn, kind what) noexcept {
        const std::uint64_t rank = what == kind::end_of_cancelled ? 0
                                   : what == kind::calendar       ? 2
                                                                  : 1;
        return turn << 2 | rank;
    }
    std::uint64_t turn() const noexcept { return step >> 2; }

    friend bool operator>(const event& a, const event& b) noexcept {
        if (a.at != b.at) return a.at > b.at;
        if (a.step != b.step) return a.step > b.step;
        return a.deadline != b.deadline ? a.deadline > b.deadline : a.order > b.order;
    }
};

struct run {
    std::uint64_t number;
    wall_time nominal;
    wall_time started_at;
    bool is_cancelled = false;
};

/// The state of one schedule as it is played.
struct player {
    const planned_schedule* of;
    std::uint64_t identity;
    wall_time nominal{}; // an interval's next instant
    wall_time decided{}; // a calendar's instants up to here have been decided
    detail::run_queue queue;
    std::vector<run> runs;
};

class play {
public:
    play(const simulated_window& window,
         const detail::function<void(const planned_schedule&, const decision&)>& each)
        : window_(window), each_(each) {}

    void begin(player& p) {
        if (!p.of->when.is_calendar()) {
            look_at(p, window_.from);
        } else {
            p.decided = later(window_.from, duration(-1));
            look_at(p, p.of->when.as_calendar().next(p.decided));
        }
    }
    void run() {
        while (!events_.empty() && events_.top().at < window_.until) {
            const event e = events_.top();
            events_.pop();
            now_ = e.at;
            turn_ = e.turn();
            switch (e.what) {
            case event::kind::end_of_cancelled:
                end(*e.whose, e.run, decision::kind::cancelled);
                break;
            case event::kind::end_of_run:
                end(*e.whose, e.run, decision::kind::ran);
                break;
            case event::kind::interval:
                look_at_interval(*e.whose);
                break;
            case event::kind::calendar:
                look_at_calendar(*e.whose);
                break;
            }
        }
        now_ = window_.until;
    }
    void tell_unfinished(player& p) {
        for (const cicada::run& r : p.runs) tell_run(p, r, decision::kind::ran);
    }

private:
    /// When something planned for `t` can happen at the earliest.
    wall_time up(wall_time t) const noexcept {
        for (const outage& o : window_.outages) {
            if (t >= o.from && t < o.until) return o.until;
        }
        return t;
    }
    void push(wall_time deadline, event::kind what, player& whose, std::uint64_t which = 0) {
        const wall_time at = std::max(now_, up(deadline));
        const std::uint64_t turn = at == now_ ? turn_ + 1 : 0;
        events_.push({at, event::step_of(turn, what), deadline, order_++, what, &whose, which});
    }
    void tell(const player& p, const decision& d) { each_(*p.of, d); }
    void tell(const player& p, decision::kind what, wall_time nominal) {
        tell(p, {.what = what, .nominal = nominal, .last = nominal});
    }
    void tell_run(const player& p, const cicada::run& r, decision::kind what) {
        tell(p, {.what = what,
                 .nominal = r.nominal,
                 .last = r.nominal,
                 .started_at = r.started_at,
                 .ended_at = now_,
                 .attempts = 1});
    }

    void look_at(player& p, std::optional<wall_time> nominal) {
        if (!nominal) return;
        p.nominal = *nominal;
        const bool is_interval = !p.of->when.is_calendar();
        push(later(*nominal, jitter(p, *nominal)),
             is_interval ? event::kind::interval : event::kind::calendar, p);
    }
    duration jitter(const player& p, wall_time nominal) const {
        duration most = p.of->jitter;
        if (most <= duration::zero()) return duration::zero();
        if (!p.of->when.is_calendar()) {
            most = std::min(most, p.of->when.as_interval().period());
        } else if (const auto next = p.of->when.as_calendar().next(nominal)) {
            most = std::min(most, between(nominal, *next));
        }
        return jitter_of(p.identity, nominal.time_since_epoch(), most);
    }

    void look_at_interval(player& p) {
        const interval& every = p.of->when.as_interval();
        const duration on_purpose = jitter(p, p.nominal);
        const plan_policy policy{
            .missed = p.of->missed,
            .granule = later(wall_time(on_purpose), plan_policy{}.granule).time_since_epoch()};
        const wall_time due = p.nominal;
        const planned next =
            plan(every, policy, {.due = due.time_since_epoch()}, now_.time_since_epoch());
        if (next.next) look_at(p, wall_time(*next.next));
        if (next.missed > 0) {
            tell(p, {.what = decision::kind::missed,
                     .nominal = due + every.period(),
                     .count = next.missed,
                     .last = wall_time(
                         after_periods(due.time_since_epoch(), every.period(), next.missed))});
        }
        admit(p, due);
    }
    void look_at_calendar(player& p) {
        const calendar_policy policy{.catch_up = p.of->catch_up,
                                     .window = p.of->catch_up_window,
                                     .start_deadline = p.of->start_deadline,
                                     .on_purpose = jitter(p, p.nominal)};
        const planned_instants due = plan(p.of->when.as_calendar(), policy, p.decided, now_);
        p.decided = now_;
        look_at(p, due.next);
        for (const decision& d : due.settled) tell(p, d);
        for (const wall_time t : due.runs) admit(p, t);
    }

    void admit(player& p, wall_time due) {
        const verdict what =
            p.queue.admit(p.of->overlap, due.time_since_epoch(), [&](duration dropped) {
                tell(p, decision::kind::skipped_overlap, wall_time(dropped));
            });
        if (what == verdict::run) return start(p, due);
        if (what != verdict::cancel_others) return;
        for (cicada::run& r : p.runs) {
            if (!std::exchange(r.is_cancelled, true))
                push(now_, event::kind::end_of_cancelled, p, r.number);
        }
    }
    void start_waiting(player& p) {
        while (const auto due = p.queue.take(p.of->overlap)) start(p, wall_time(*due));
    }
    void start(player& p, wall_time due) {
        if (between(due, now_) > p.of->start_deadline) {
            tell(p, decision::kind::too_late, due);
            return look_again(p);
        }
        const cicada::run r{.number = order_, .nominal = due, .started_at = now_};
        const bool is_instant = p.of->takes <= duration::zero();
        if (is_instant && !is_fixed_delay(p)) return tell_run(p, r, decision::kind::ran);
        p.runs.push_back(r);
        p.queue.started();
        push(later(now_, p.of->takes), event::kind::end_of_run, p, r.number);
    }
    void end(player& p, std::uint64_t number, decision::kind how) {
        const auto r = std::find_if(p.runs.begin(), p.runs.end(),
                                    [&](const cicada::run& one) { return one.number == number; });
        const bool is_cancelled = how == decision::kind::cancelled;
        if (r == p.runs.end() || r->is_cancelled != is_cancelled) return;
        tell_run(p, *r, how);
        p.runs.erase(r);
        p.queue.ended();
        start_waiting(p);
        look_again(p);
    }
    /// A fixed delay counts from here.
    void look_again(player& p) {
        if (!is_fixed_delay(p) || p.queue.is_running()) return;
        const auto next = after_run(p.of->when.as_interval(), now_.time_since_epoch());
        if (next) look_at(p, wall_time(*next));
    }
    static bool is_fixed_delay(const player& p) { return p.of->when.is_fixed_delay(); }

    const simulated_window& window_;
    const detail::function<void(const planned_schedule&, const decision&)>& each_;
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::uint64_t order_ = 0;
    wall_time now_ = wall_time::min();
    std::uint64_t turn_ = 0;
};

} // namespace

void simulate(const std::vector<planned_schedule>& all, const simulated_window& window,
              const detail::function<void(const planned_schedule&, const decision&)>& each) {
    if (window.until < window.from)
        throw std::invalid_argument("cicada: a simulation cannot end before it begins");
    wall_time free_from = wall_time::min();
    for (const outage& o : window.outages) {
        if (o.until < o.from || o.from < free_from)
            throw std::invalid_argument(
                "cicada: outages are given in order, and apart from each other");
        free_from = later(o.until, duration(1));
    }
    play game(window, each);
    std::deque<player> players;
    for (const planned_schedule& one : all)
        players.push_back({.of = &one, .identity = detail::name_hash(one.name)});
    for (player& p : players) game.begin(p);
    game.run();
    for (player& p : players) game.tell_unfinished(p);
}

} // namespace cicada
