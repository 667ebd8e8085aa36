#include <cicada/schedule/simulate.hpp>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include <schedule/course.hpp>
#include <schedule/grid.hpp>
#include <schedule/name_hash.hpp>
#include <schedule/search.hpp>

namespace cicada::detail {

namespace {

/// When something happens. What comes at one time comes in a loop's order: what was armed in a turn
/// of the loop waits for the next, and in a turn runs that were cancelled end first, elapsed time
/// goes before wall time, then the earlier deadline, then what was armed first.
struct moment {
    wall_time at = wall_time::max();
    std::uint64_t step = 0; // of those at this time: the turn, and the rank in it
    wall_time deadline{}; // before `at` if an outage came in between
    std::uint64_t order = 0;

    static std::uint64_t step_of(std::uint64_t turn, std::uint64_t rank) noexcept {
        return turn << 2 | rank;
    }
    std::uint64_t turn() const noexcept { return step >> 2; }

    friend bool operator<(const moment& a, const moment& b) noexcept {
        if (a.at != b.at) return a.at < b.at;
        if (a.step != b.step) return a.step < b.step;
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
    }
};

/// The end of a run: of itself, or because it was asked to.
struct run_event {
    moment when;
    std::uint64_t run;
    bool is_cancelled;
};

rules rules_of(const planned_schedule& s) {
    return {.when = s.when,
            .how = {.overlap = s.overlap,
                    .missed = s.missed,
                    .catch_up = s.catch_up,
                    .catch_up_window = s.catch_up_window,
                    .start_deadline = s.start_deadline,
                    .jitter = s.jitter},
            .identity = name_hash(s.name)};
}

/// A schedule as it is played.
struct player {
    explicit player(const planned_schedule& s) : of(&s), decides(rules_of(s)) {}

    moment first() const noexcept {
        moment first = look;
        for (const run_event& one : ends) first = std::min(first, one.when);
        return first;
    }

    const planned_schedule* of;
    course decides;
    std::optional<nominal_instant> looks_at;
    moment look; // by default: never
    std::uint64_t instants = 0; // gone through
    std::vector<run_event> ends; // of its runs
};

/// The third driver of a course, beside periodics and jobs. Time is a heap of players, by the first
/// event of each; what happens to one changes its own events only.
class play {
public:
    play(const simulated_window& window,
         const function<void(const planned_schedule&, const decision&)>& each)
        : window_(window), each_(each), now_(window.from) {}

    void begin(player& p) {
        const bool is_calendar = p.of->when.is_calendar();
        p.decides.begin(is_calendar ? first(window_.from) : first(), reading());
        look(p);
        heap_.push_back({p.first(), &p});
    }
    void run() {
        for (std::size_t i = heap_.size(); i-- > 0;) sift_down(i);
        while (!heap_.empty() && heap_.front().next.at < window_.until) {
            const auto [next, whose] = heap_.front();
            now_ = next.at;
            turn_ = next.turn();
            if (next.order == whose->look.order) {
                due(*whose);
            } else {
                end(*whose, next.order);
            }
            heap_.front().next = whose->first();
            sift_down(0);
        }
        now_ = window_.until;
    }
    void tell_unfinished(player& p) {
        while (!p.decides.at().runs.empty()) ended(p, p.decides.at().runs.front().id, run_end::ok);
    }

private:
    struct entry {
        moment next;
        player* whose;
    };

    void sift_down(std::size_t i) noexcept {
        const entry moved = heap_[i];
        for (std::size_t child = 2 * i + 1; child < heap_.size(); child = 2 * i + 1) {
            if (child + 1 < heap_.size() && heap_[child + 1].next < heap_[child].next) ++child;
            if (!(heap_[child].next < moved.next)) break;
            heap_[i] = heap_[child];
            i = child;
        }
        heap_[i] = moved;
    }

    /// A simulation has one clock.
    clock_reading reading() const noexcept { return {elapsed_time(now_.time_since_epoch()), now_}; }
    /// When something planned for `t` can happen at the earliest.
    wall_time up(wall_time t) const noexcept {
        for (const outage& o : window_.outages) {
            if (t >= o.from && t < o.until) return o.until;
        }
        return t;
    }
    moment planned(wall_time deadline, std::uint64_t rank) {
        const wall_time at = std::max(now_, up(deadline));
        const std::uint64_t turn = at == now_ ? turn_ + 1 : 0;
        return {at, moment::step_of(turn, rank), deadline, ++order_};
    }
    void look(player& p) {
        const auto due = p.decides.due_at();
        if (due == p.looks_at) return;
        p.looks_at = due;
        p.look = due ? planned(wall_time(due->at), due->line == time_line::wall ? 2 : 1) : moment();
    }

    void due(player& p) {
        // A search that was given up has gone through as many as it has steps.
        p.instants += p.decides.at().is_horizon ? search::all_steps : 1;
        if (p.instants > window_.most) throw too_many_instants(*p.of, window_.most);
        p.looks_at.reset();
        p.look = {};
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
                p.ends.push_back({planned(later(now_, p.of->takes), 1), id, false});
            } else {
                ended(p, id, run_end::ok);
            }
        }
    }
    void end(player& p, std::uint64_t order) {
        const auto e = std::find_if(p.ends.begin(), p.ends.end(),
                                    [&](const run_event& one) { return one.when.order == order; });
        const std::uint64_t id = e->run;
        const bool is_cancelled = e->is_cancelled;
        p.ends.erase(e);
        const auto& runs = p.decides.at().runs;
        const auto run = std::find_if(runs.begin(), runs.end(),
                                      [&](const progress::run& r) { return r.id == id; });
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
                p.ends.push_back({planned(now_, 0), r.id, true});
        }
        if (!what_.start) look(p); // as it was
        for (const decision& d : what_.decided) each_(*p.of, d);
    }
    outcome& fresh() noexcept {
        what_.clear();
        return what_;
    }

    const simulated_window& window_;
    const function<void(const planned_schedule&, const decision&)>& each_;
    std::vector<entry> heap_;
    std::uint64_t order_ = 0;
    wall_time now_;
    std::uint64_t turn_ = 0;
    outcome what_; // of the last step
};

/// How many instants an interval has in the window, if no run is late.
std::uint64_t instants_in(const simulated_window& window, const planned_schedule& s) {
    const interval& every = s.when.as_interval();
    const std::uint64_t length =
        nanoseconds_between(window.from.time_since_epoch(), window.until.time_since_epoch());
    const auto distance = static_cast<std::uint64_t>(every.period().count()) +
                          static_cast<std::uint64_t>(
                              s.when.is_fixed_delay() ? std::max(s.takes, duration()).count() : 0);
    return length / distance + (length % distance == 0 ? 0 : 1);
}

} // namespace

} // namespace cicada::detail

namespace cicada {

too_many_instants::too_many_instants(const planned_schedule& of, std::uint64_t most)
    : std::invalid_argument("cicada: \"" + of.name + "\", " + of.when.text() + ", has more than " +
                            std::to_string(most) +
                            " instants in this window: simulate a shorter one, give the schedule a "
                            "longer period, or the window a greater .most"),
      name_(of.name), most_(most) {}

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
    for (const planned_schedule& one : all) {
        if (!one.when.is_calendar() && detail::instants_in(window, one) > window.most)
            throw too_many_instants(one, window.most);
    }
    detail::play game(window, each);
    std::deque<detail::player> players;
    for (const planned_schedule& one : all) players.emplace_back(one);
    for (detail::player& p : players) game.begin(p);
    game.run();
    for (detail::player& p : players) game.tell_unfinished(p);
}

} // namespace cicada
