// Random histories of a job: by a bare course, which is driven as a periodic drives its own, and by
// a decider, whose steps go into rows and which is read back from them. Both decide the same, and
// start the same; and no row is refused for being there already. The rows are kept by a few lines
// of this test, by the store in memory, and by that in a file.

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>

#include <gtest/gtest.h>
#include <map>
#include <schedule/progress_text.hpp>

#include <store/memory/store.hpp>
#include <store/sqlite/store.hpp>
#include <support/kept_job.hpp>
#include <support/legal.hpp>
#include <support/random.hpp>
#include <support/slow.hpp>
#include <support/stored_job.hpp>
#include <support/temporary_folder.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::random_numbers;

constexpr unsigned histories = support::is_slow ? 1'000 : 60'000;

const wall_time start = parse_instant("2026-03-27T00:00:00Z");

template <class T, std::size_t n>
const T& one_of(const T (&all)[n], random_numbers& below) {
    return all[below(static_cast<unsigned>(n))];
}

job some_job(random_numbers& below) {
    static const recurrence whens[] = {
        interval(1min),
        interval(10min),
        interval(1h),
        fixed_delay(10min),
        fixed_delay(1h),
        cron("*/20 * * * *"),
        cron("30 */2 * * *"),
        except(cron("*/5 * * * *"), every_interval(30min, "2026-03-27T00:10:00Z")),
        any_of(every_interval(7min, "2026-03-26T00:00:00Z"), cron("0 * * * *")),
        once("2026-03-27T01:00:00Z")};
    static constexpr duration some[] = {1s, 30s, 1min, 10min, 1h};
    static constexpr overlap overlaps[] = {overlap::skip,          overlap::buffer_one,
                                           overlap::buffer_latest, overlap::buffer_all{2},
                                           overlap::cancel_other,  overlap::allow{2}};
    static constexpr catch_up catch_ups[] = {catch_up::none, catch_up::first, catch_up::last,
                                             catch_up::all{3}};
    static const first firsts[] = {first::immediately, first::immediately, first::after_period,
                                   first(start + 7min), first(start - 25min)};
    job one{.name = "j", .when = one_of(whens, below), .kind = "k"};
    one.first = one_of(firsts, below);
    one.overlap = one_of(overlaps, below);
    one.catch_up = one_of(catch_ups, below);
    if (below(3) == 0) one.catch_up_window = one_of(some, below);
    if (below(4) == 0) one.start_deadline = one_of(some, below);
    if (below(4) == 0) one.jitter = std::min(one_of(some, below), one.start_deadline);
    if (below(3) == 0) one.retry = {.max = 1 + below(2), .backoff = one_of(some, below), .cap = 1h};
    if (below(8) == 0) one.on_error = on_error::stop;
    if (below(6) == 0)
        one.failures = {.in_a_row = 1 + below(2),
                        .then = static_cast<failure_limit::action>(below(3))};
    if (below(5) == 0) one.until = start + one_of(some, below) * (1 + below(5));
    if (below(6) == 0) one.times = 1 + below(3);
    if (below(3) == 0) one.on_lost = on_lost::fail;
    return one;
}

/// What began: a run, and which attempt of it.
using starts = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

/// The course alone, with one clock. Who has a run is said from outside.
class bare_driver {
public:
    explicit bare_driver(const stored_job& of) : of_(rules_of(of)) {}

    void begin(const first& how) {
        of_.begin(how, now());
        seen = wall();
    }
    bool is_behind() const {
        const bool counts = of_.state() == life::active ||
                            (of_.state() == life::paused && !of_.by().when.is_calendar());
        return counts && between(wall(), decided_to()) > most_set_back;
    }
    wall_time decided_to() const { return of_.by().when.is_calendar() ? of_.at().decided : seen; }
    void due() {
        const course::wake w = of_.look_at();
        const bool has_come = w.due && wall_time(w.due->at) <= wall();
        if (has_come || w.may_start || is_behind()) step([&](outcome& o) { of_.due(now(), o); });
    }
    template <class F>
    void step(F f) {
        const wall_time decided_before = decided_to();
        const auto next_before = of_.at().next;
        went_back = is_behind();
        outcome what;
        f(what);
        carry_out(what);
        for (what.clear(); of_.start_next(now(), what); what.clear()) carry_out(what);
        seen = went_back ? wall() : std::max(wall(), decided_before);
        if (seen <= wall()) return;
        // The clock was set back a little: no instant comes twice.
        progress at = of_.at();
        if (!of_.by().when.is_calendar()) {
            if (!at.next || at.next == next_before) return;
            const duration period = of_.by().when.as_interval().period();
            at.next->at = std::max(at.next->at, later(decided_before, period).time_since_epoch());
            of_ = course(of_.by(), std::move(at));
        } else if (at.decided < decided_before) {
            at.decided = decided_before;
            of_ = course(of_.by(), std::move(at));
            of_.reconsider(now(), what);
        }
    }

    /// What a row says of a run, in the words of a course.
    template <class F>
    void revise(std::uint64_t number, F f) {
        progress at = of_.at();
        for (progress::run& run : at.runs) {
            if (run.id == number) f(run);
        }
        of_ = course(of_.by(), std::move(at));
    }
    void claimed(std::uint64_t number) {
        is_claimed[number] = true;
        revise(number, [&](progress::run& run) {
            if (!run.retry_at) return;
            run.retry_at.reset();
            ++run.attempt;
        });
    }
    void put_rules(rules by) { of_ = course(std::move(by), of_.at()); }

    clock_reading now() const { return {elapsed_time(wall().time_since_epoch()), wall()}; }
    wall_time wall() const { return *clock; }

    const wall_time* clock = nullptr;
    course of_;
    wall_time seen{};
    bool went_back = false;
    std::map<std::uint64_t, bool> is_claimed;
    std::vector<decision> decided;
    std::vector<std::uint64_t> began;

private:
    void carry_out(const outcome& what) {
        for (const decision& d : what.decided) {
            decided.push_back(d);
            if (d.what == decision::kind::clock_went_back) went_back = true;
        }
        if (what.cancel_runs || what.cancel_run != 0) {
            const std::vector<progress::run> all = of_.at().runs;
            for (const progress::run& run : all) {
                if (!run.is_asked_to_end || is_claimed[run.id]) continue;
                outcome more; // nobody has it
                of_.run_ended(run.id, run_end::cancelled, now(), more);
                decided.insert(decided.end(), more.decided.begin(), more.decided.end());
            }
        }
        if (what.start) began.push_back(what.start->id);
    }
};

/// As it is named in a store that it shares.
job named(job one, std::uint64_t number) {
    one.name += std::to_string(number);
    one.kind += std::to_string(number);
    return one;
}

template <class Kept>
class history {
public:
    /// `keep(job, now)` is where its rows are.
    template <class F>
    history(std::uint64_t seed, std::string* log, F keep)
        : seed_(seed), below_(seed), log_(log), job_(named(some_job(below_), seed)),
          kept_(keep(job_, now_)), bare_(parse_job(kept_.row.definition, job_.name, "model")) {
        bare_.clock = &now_;
        bare_.begin(job_.when.is_fixed_delay() ? job_.first : first());
        decider_.emplace(kept_.row);
    }

    /// What was wrong; empty: nothing.
    std::string run() {
        try {
            say("a job " + to_json({job_}));
            for (unsigned left = 10 + below_(30); left > 0 && wrong_.empty(); --left) event();
            if (wrong_.empty()) check_stretches();
        } catch (const std::logic_error& e) {
            wrong_ = e.what();
        }
        return wrong_;
    }

private:
    void event() {
        switch (below_(22)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
        case 5:
            now_ = std::max(now_, decider_->wake_at().value_or(now_ + some_time()));
            if (now_ > start + 24h * 5) now_ = start + 24h * 5;
            if (below_(6) == 0) now_ += some_time();
            return look();
        case 6:
        case 7:
            now_ += some_time();
            return look();
        case 8:
        case 9:
        case 10:
        case 11:
            return end_a_run();
        case 12:
            return lose_a_run();
        case 13:
            now_ += some_time();
            return pause();
        case 14:
            return resume();
        case 15:
        case 16:
            now_ += some_time();
            return trigger();
        case 17:
            return cancel_a_run();
        case 18:
            return below_(3) == 0 ? remove() : edit();
        case 19:
            return below_(4) == 0 ? restored() : look();
        case 20:
            now_ -= one_of(set_backs, below_); // and it is not always noticed at once
            say("the clock is set back");
            return below_(2) == 0 ? look() : compare();
        default:
            return flush();
        }
    }
    static constexpr duration set_backs[] = {1ns, 1min, 1h, 3h, 3h + 1ns, 5h, 24h};
    duration some_time() {
        static constexpr duration times[] = {0s, 1ns, 1s, 30s, 1min, 61s, 10min, 1h, 3h + 1s};
        return one_of(times, below_);
    }

    // -- what happens, to both
    void look() {
        say("due");
        decider_->due(now_);
        bare_.put_rules(rules_now()); // its grid may have been moved
        resume_by_itself();
        bare_.due();
        done();
    }
    /// As is noted with the pause.
    void resume_by_itself() {
        if (!is_paused() || !until_ || *until_ > now_) return;
        const wall_time now = now_;
        now_ = std::min(now, std::max(*until_, bare_.decided_to()));
        until_.reset();
        resume_bare(passed::skip);
        now_ = now;
    }
    void resume_bare(passed instants) {
        was_paused_ = stays_paused_ = false;
        if (bare_.of_.is_paused())
            bare_.step([&](outcome& o) {
                bare_.of_.resume(bare_.now(), o, instants);
                bare_.of_.reconsider(bare_.now(), o);
            });
        bare_.due();
    }
    const run_row* some_run() {
        flush();
        auto& open = kept_.row.open;
        return open.empty() ? nullptr : &open[below_(static_cast<unsigned>(open.size()))];
    }
    void end_a_run() {
        static constexpr run_end ends[] = {run_end::ok, run_end::ok, run_end::failed,
                                           run_end::failed_for_good, run_end::cancelled};
        const run_row* const row = some_run();
        if (!row || row->of.state != run_state::running) return;
        const run_end how = one_of(ends, below_);
        say("run " + std::to_string(row->number) + " ends " + std::to_string(int(how)));
        const std::uint64_t number = row->number;
        if (!decider_->run_ended(row->of.id, {.how = how}, now_)) wrong_ = "is not open";
        end_bare(number, how);
        done();
    }
    void end_bare(std::uint64_t number, run_end how) {
        bare_.is_claimed[number] = false;
        bare_.step([&](outcome& o) { bare_.of_.run_ended(number, how, bare_.now(), o); });
    }
    void lose_a_run() {
        const run_row* const row = some_run();
        if (!row || row->of.state != run_state::running) return;
        say("run " + std::to_string(row->number) + " is lost");
        const std::uint64_t number = row->number;
        const bool comes_again = may_run_again(*row, decider_->definition().of.on_lost);
        decider_->run_lost(row->of.id, now_);
        if (comes_again) { // the same attempt, as if nobody had claimed it yet
            bare_.is_claimed[number] = false;
        } else {
            end_bare(number, run_end::lost);
        }
        done();
    }
    void pause() {
        const bool is_short = below_(3) == 0;
        const std::optional<wall_time> until =
            is_short ? std::optional(now_ + some_time()) : std::nullopt;
        say("pause");
        decider_->pause("", "", until);
        bare_.of_.pause();
        was_paused_ = true; // what has ended is paused as soon as it has instants again
        if (!is_removed_ || bare_.of_.is_paused()) until_ = until;
        done();
    }
    void resume() {
        const auto instants = static_cast<passed>(below_(2));
        say("resume");
        decider_->resume(instants, now_);
        until_.reset();
        resume_bare(instants);
        done();
    }
    void trigger() {
        std::optional<wall_time> nominal;
        if (below_(3) == 0) nominal = now_ - some_time();
        say("trigger");
        const bool is_taken =
            decider_->trigger({.key = "k" + std::to_string(++keys_)}, nominal, now_);
        if (is_taken != (bare_.of_.state() <= life::paused)) wrong_ = "is triggered, or not";
        if (!is_taken) return;
        asked_.push_back(nominal.value_or(now_));
        bare_.step([&](outcome&) {
            bare_.of_.trigger(bare_.now(),
                              nominal ? std::optional(nominal_instant{time_line::wall,
                                                                      nominal->time_since_epoch()})
                                      : std::nullopt,
                              decider_->notes().asked_for.empty() ? 0 : 1);
        });
        done();
    }
    void cancel_a_run() {
        const run_row* const row = some_run();
        if (!row) return;
        const std::uint64_t number = row->number;
        say("cancel run " + std::to_string(number));
        decider_->cancel_run(row->of.id, now_);
        bare_.step([&](outcome& o) { bare_.of_.cancel_run(number, bare_.now(), o); });
        done();
    }
    void edit() {
        job_ = below_(3) == 0 ? decider_->definition().of : named(some_job(below_), seed_);
        say("edit to " + to_json({job_}));
        decider_->edit({job_}, now_);
        bare_.due();
        const bool was_removed = std::exchange(is_removed_, false);
        if (was_removed) was_paused_ = false;
        bare_.step([&](outcome& o) {
            if (bare_.of_.state() > life::paused &&
                between(now_, bare_.decided_to()) > most_set_back)
                bare_.went_back = true;
            bare_.of_.edit(rules_now(), bare_.now(), o);
            if (stays_paused_) bare_.of_.pause();
            if (was_removed) bare_.of_.resume(bare_.now(), o);
        });
        done();
    }
    void remove() {
        say("remove");
        decider_->remove(now_);
        bare_.due();
        rules ends = bare_.of_.by();
        ends.until = now_;
        bare_.step([&](outcome& o) {
            bare_.of_.edit(std::move(ends), bare_.now(), o);
            bare_.of_.release(bare_.now(), o);
        });
        is_removed_ = true;
        done();
    }
    void restored() {
        say("restored");
        decider_->restored(now_);
        bare_.step([&](outcome& o) {
            bare_.went_back = true; // another epoch
            bare_.of_.restored(bare_.now(), o);
        });
        done();
    }
    rules rules_now() const {
        rules by = rules_of(decider_->definition());
        if (is_removed_) by.until = bare_.of_.by().until;
        return by;
    }

    bool is_paused() const { return bare_.of_.is_paused() || stays_paused_; }

    // -- rows
    void done() {
        stays_paused_ = was_paused_ && bare_.of_.state() > life::held && !is_removed_;
        was_paused_ = is_paused();
        if (!was_paused_) until_.reset();
        compare();
        if (below_(4) != 0) flush(); // else it is folded with what comes next
    }
    void flush() {
        if (decider_->has_step()) {
            const step made = decider_->take_step(node_id::none);
            told_.insert(told_.end(), decider_->decided().begin(), decider_->decided().end());
            // The clock may have been set back since.
            decider_->taken(kept_.take(made, std::max(now_, made.not_before)));
            if (as_kept(told_) != as_kept(bare_.decided))
                wrong_ = "decides another thing: " + words();
        }
        if (below_(3) == 0) decider_.emplace(kept_.row);
        claim_some();
        for (const run_row& row : kept_.row.open) decider_->run_is(row); // a fence may have moved
        compare();
    }
    /// A store knows when the first attempt was claimed; the course, when the run was decided.
    static std::vector<decision> as_kept(std::vector<decision> all) {
        if constexpr (std::is_same_v<Kept, support::stored_job>) {
            for (decision& one : all) one.started_at = {};
        }
        return all;
    }
    /// Who comes first is claimed first, as by a store.
    void claim_some() {
        std::vector<run_row> due;
        for (const run_row& row : kept_.row.open) {
            if (row.of.state == run_state::ready && row.of.run_at <= now_) due.push_back(row);
        }
        std::sort(due.begin(), due.end(), [](const run_row& a, const run_row& b) {
            return std::pair(a.of.run_at, a.of.id) < std::pair(b.of.run_at, b.of.id);
        });
        for (const run_row& row : due) {
            if (below_(8) == 0) return;
            bare_.claimed(row.number);
            kept_.claim(row.of.id, now_);
        }
    }
    void compare() {
        if (!wrong_.empty()) return;
        const progress& a = decider_->course().at();
        const progress& b = bare_.of_.at();
        if (to_text(without_tags(a)) != to_text(without_tags(b)))
            wrong_ = "the decider is at " + to_text(a) + "\nthe course is at  " + to_text(b);
        std::vector<std::tuple<std::uint64_t, duration, std::uint64_t, std::uint32_t, bool>> left,
            right;
        for (const progress::run& r : a.runs)
            left.emplace_back(r.id, r.nominal.at, r.missed, r.attempt, r.is_asked_to_end);
        for (const progress::run& r : b.runs)
            right.emplace_back(r.id, r.nominal.at, r.missed, r.attempt, r.is_asked_to_end);
        if (left != right) wrong_ = "other runs";
        if (const char* why = support::illegal(decider_->course())) wrong_ = why;
        if (decider_->open().size() != a.runs.size()) wrong_ = "other rows than runs";
    }
    static progress without_tags(progress at) {
        for (auto* those : {&at.arrived, &at.waiting}) {
            fifo<progress::arrival> all;
            for (progress::arrival one : *those) {
                one.tag = 0;
                all.push_back(one);
            }
            *those = std::move(all);
        }
        at.runs.clear();
        return at;
    }
    /// Each decision without a run is in a stretch, but for what was asked for.
    void check_stretches() {
        flush();
        std::map<decision::kind, std::uint64_t> told, kept;
        for (const decision& d : bare_.decided) {
            if (d.attempts == 0 && d.what != decision::kind::clock_went_back)
                told[d.what] += d.count;
        }
        std::uint64_t all = 0;
        for (const stretch& s : kept_.stretches) {
            if (s.kind != decision::kind::clock_went_back) kept[s.kind] += s.count, all += s.count;
        }
        for (const auto& [kind, count] : told) {
            if (kept[kind] > count + (kind == decision::kind::cancelled ? bare_.began.size() : 0))
                wrong_ = "more stretches than decisions: " + std::string(to_string(kind));
            if (kept[kind] + asked_.size() < count)
                wrong_ = "fewer stretches than decisions: " + std::string(to_string(kind));
        }
    }
    std::string words() const {
        std::string text;
        for (const auto* those : {&told_, &bare_.decided}) {
            text += "\n   ";
            for (const decision& d : *those)
                text += ' ' + std::string(to_string(d.what)) + '@' + format_instant(d.nominal);
        }
        return text;
    }
    void say(const std::string& what) {
        if (log_)
            *log_ += format_instant(now_) + ' ' + what + "\n    " +
                     to_text(decider_->course().at()) + '\n';
    }

    std::uint64_t seed_;
    random_numbers below_;
    std::string* log_;
    wall_time now_ = start;
    job job_;
    Kept kept_;
    bare_driver bare_;
    std::optional<decider> decider_;
    std::optional<wall_time> until_; // of a pause
    bool was_paused_ = false; // before what happens
    bool stays_paused_ = false; // although it has ended
    std::vector<decision> told_;
    std::vector<wall_time> asked_;
    unsigned keys_ = 0;
    bool is_removed_ = false;
    std::string wrong_;
};

template <class Kept, class F>
void run_histories(std::uint64_t count, F keep) {
    for (std::uint64_t seed = 1; seed <= count; ++seed) {
        std::string log;
        const std::string wrong = history<Kept>(seed, &log, keep).run();
        ASSERT_EQ(wrong, "") << "history " << seed << ":\n" << log;
    }
}

TEST(jobs, decide_what_their_courses_decide) {
    run_histories<support::kept_job>(
        histories, [](const job& of, wall_time now) { return support::kept_job(of, now); });
}

void run_in(store& where, wall_time& clock, std::uint64_t count) {
    run_histories<support::stored_job>(count, [&](const job& of, wall_time now) {
        clock = now;
        return support::stored_job(where, clock, of);
    });
}

TEST(jobs, decide_the_same_in_memory) {
    wall_time clock;
    memory_store where({.now = [&] { return clock; }});
    run_in(where, clock, histories / 4);
}

TEST(jobs, decide_the_same_in_a_file) {
    const support::temporary_folder folder;
    wall_time clock = start;
    sqlite_store where({.path = folder / "jobs.db",
                        .durability = sqlite_durability::process_crash,
                        .now = [&] { return clock; }});
    run_in(where, clock, histories / 20);
}

} // namespace
