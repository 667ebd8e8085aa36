#include <cicada/schedule/simulate.hpp>

#include <algorithm>
#include <deque>
#include <queue>
#include <stdexcept>

#include <cicada/schedule/course.hpp>
#include <schedule/name_hash.hpp>

namespace cicada {

namespace {

struct player;

/// Something that happens to a schedule: it is time to look at it, or a run of it ends. What comes at
/// one time comes in a loop's order: what was armed in a turn of the loop waits for the next, and in
/// a turn runs that were cancelled end first, elapsed time goes before wall time, then the earlier
/// deadline, then what was armed first.
struct event {
    enum class kind : std::uint8_t { end_of_cancelled, end_of_run, look };

    wall_time at;
    std::uint64_t step; // of those at this time: the turn, and the rank in it
    wall_time deadline; // before `at` if an outage came in between
    std::uint64_t order;
    player* whose;
    std::uint64_t which; // the run that ends, or the look that was wanted last
    kind what;

    static std::uint64_t step_of(std::uint64_t turn, std::uint64_t rank) noexcept {
        return turn << 2 | rank;
    }
    std::uint64_t turn() const noexcept { return step >> 2; }

    friend bool operator>(const event& a, const event& b) noexcept {
        if (a.at != b.at) return a.at > b.at;
        if (a.step != b.step) return a.step > b.step;
        return a.deadline != b.deadline ? a.deadline > b.deadline : a.order > b.order;
    }
};

rules rules_of(const planned_schedule& s) {
    return {.when = s.when,
            .how = {.overlap = s.overlap,
                    .missed = s.missed,
                    .catch_up = s.catch_up,
                    .catch_up_window = s.catch_up_window,
                    .start_deadline = s.start_deadline,
                    .jitter = s.jitter},
            .identity = detail::name_hash(s.name)};
}

/// A schedule as it is played.
struct player {
    explicit player(const planned_schedule& s) : of(&s), decides(rules_of(s)) {}

    const planned_schedule* of;
    course decides;
    std::optional<nominal_instant> looks_at;
    std::uint64_t look = 0;
};

/// The third driver of a course, beside periodics and jobs: time is a queue of events.
class play {
public:
    play(const simulated_window& window,
         const detail::function<void(const planned_schedule&, const decision&)>& each)
        : window_(window), each_(each), now_(window.from) {}

    void begin(player& p) {
        const bool is_calendar = p.of->when.is_calendar();
        p.decides.begin(is_calendar ? first(window_.from) : first(), reading());
        look(p);
    }
    void run() {
        while (!events_.empty() && events_.top().at < window_.until) {
            const event e = events_.top();
            events_.pop();
            now_ = e.at;
            turn_ = e.turn();
            if (e.what == event::kind::look) {
                if (e.which == e.whose->look) due(*e.whose);
            } else {
                end(*e.whose, e.which, e.what);
            }
        }
        now_ = window_.until;
    }
    void tell_unfinished(player& p) {
        while (!p.decides.at().runs.empty()) ended(p, p.decides.at().runs.front().id, run_end::ok);
    }

private:
    /// A simulation has one clock.
    clock_reading reading() const noexcept { return {elapsed_time(now_.time_since_epoch()), now_}; }
    /// When something planned for `t` can happen at the earliest.
    wall_time up(wall_time t) const noexcept {
        for (const outage& o : window_.outages) {
            if (t >= o.from && t < o.until) return o.until;
        }
        return t;
    }
    void push(wall_time deadline, event::kind what, std::uint64_t rank, player& whose,
              std::uint64_t which) {
        const wall_time at = std::max(now_, up(deadline));
        const std::uint64_t turn = at == now_ ? turn_ + 1 : 0;
        events_.push({at, event::step_of(turn, rank), deadline, order_++, &whose, which, what});
    }
    void look(player& p) {
        const auto due = p.decides.due_at();
        if (due == p.looks_at) return;
        p.looks_at = due;
        ++p.look;
        if (!due) return;
        const std::uint64_t rank = due->line == time_line::wall ? 2 : 1;
        push(wall_time(due->at), event::kind::look, rank, p, p.look);
    }

    void due(player& p) {
        p.looks_at.reset();
        p.decides.due(reading(), fresh());
        carry_out(p);
        start_what_may(p);
    }
    void start_what_may(player& p) {
        const progress& at = p.decides.at(); // without retries, only what waits may start
        while (!(at.arrived.empty() && at.waiting.empty()) &&
               p.decides.start_next(reading(), fresh())) {
            carry_out(p);
            if (!what_.start) continue;
            const std::uint64_t id = what_.start->id;
            if (p.of->takes > duration::zero()) {
                push(later(now_, p.of->takes), event::kind::end_of_run, 1, p, id);
            } else {
                ended(p, id, run_end::ok);
            }
        }
    }
    void end(player& p, std::uint64_t id, event::kind how) {
        const auto& runs = p.decides.at().runs;
        const auto run = std::find_if(runs.begin(), runs.end(),
                                      [&](const progress::run& r) { return r.id == id; });
        const bool is_cancelled = how == event::kind::end_of_cancelled;
        if (run == runs.end() || run->is_asked_to_end != is_cancelled) return;
        ended(p, id, is_cancelled ? run_end::cancelled : run_end::ok);
        start_what_may(p);
    }
    void ended(player& p, std::uint64_t id, run_end how) {
        p.decides.run_ended(id, how, reading(), fresh());
        carry_out(p);
    }
    void carry_out(player& p) {
        if (what_.cancel_runs) {
            for (const progress::run& r : p.decides.at().runs)
                push(now_, event::kind::end_of_cancelled, 0, p, r.id);
        }
        if (!what_.start) look(p); // as it was
        for (const decision& d : what_.decided) each_(*p.of, d);
    }
    outcome& fresh() noexcept {
        what_.clear();
        return what_;
    }

    const simulated_window& window_;
    const detail::function<void(const planned_schedule&, const decision&)>& each_;
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::uint64_t order_ = 0;
    wall_time now_;
    std::uint64_t turn_ = 0;
    outcome what_; // of the last step
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
    for (const planned_schedule& one : all) players.emplace_back(one);
    for (player& p : players) game.begin(p);
    game.run();
    for (player& p : players) game.tell_unfinished(p);
}

} // namespace cicada
