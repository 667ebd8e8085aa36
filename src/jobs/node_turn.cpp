// The turn, and what is read in it.

#include <jobs/node.hpp>

#include <algorithm>

#include <cicada/loop/sleep.hpp>
#include <jobs/backfill.hpp>
#include <jobs/prune.hpp>
#include <schedule/tz_database.hpp>

namespace cicada::detail {

namespace {

constexpr std::size_t most_read = 500; // jobs at a time
constexpr std::size_t most_wakes = 10'000; // seen at a poll
constexpr std::size_t most_searched = 2'000; // jobs in a turn
constexpr std::size_t most_at_once = 500; // rows of anything else
constexpr duration between_looks = std::chrono::milliseconds(10); // however often it is told
constexpr duration before_more = std::chrono::milliseconds(200); // wakes than are seen at a poll
constexpr duration between_checks = std::chrono::milliseconds(50);
constexpr duration between_parts = std::chrono::milliseconds(50); // of a round through history
constexpr duration between_rounds = std::chrono::minutes(1);

} // namespace

/// Of a node, what it sees of the store at a poll.
struct node::sight {
    std::vector<job_wake> wakes;
    std::optional<wall_time> next_ready;
    std::vector<run_row> asked_to_end;
    std::vector<run_row> orphaned;
    std::vector<node_row> nodes;
    std::vector<asked_row> asked;

    static sight of(reading& in, const claim& by, wall_time until) {
        sight s;
        s.wakes = in.waking(until, most_wakes);
        s.next_ready = in.next_ready(by);
        s.asked_to_end =
            in.runs({.state = run_state::running, .node = by.by, .is_asked_to_end = true});
        s.orphaned = in.runs({.is_orphaned = true, .most = most_at_once});
        s.nodes = in.nodes();
        s.asked = in.asked(most_at_once);
        return s;
    }
};

void node::finds::find(reading& in) {
    ready = in.runs({.state = run_state::ready, .most = 100});
    if (!compares) return;
    in_its_name = in.runs({.state = run_state::running, .node = who, .most = most_wakes});
    const std::vector<job_id> those = in.stalled(most_at_once);
    if (!those.empty()) stalled = in.jobs({.ids = those});
}

/// Whether there is more to do at once.
task<bool> node::turn() {
    bell_->rung.reset();
    end_those_not_begun();
    const bool is_reached = std::exchange(bell_->is_reached, false);
    if (is_reached && pause_ > duration::zero()) pause_until_ = elapsed_time::min();
    if (cicada::now() < pause_until_) co_return false;
    std::exception_ptr trouble;
    bool has_written = false;
    try {
        if (is_in_ && heart_->is_evicted()) {
            is_in_ = false;
            cut_off();
        }
        if (!is_in_) co_await enter();
        if (is_cut_off_ && heart_->may_begin(cicada::now())) {
            is_cut_off_ = false;
            deadline_.set(heart_->deadline());
        }
        if (!unknown_claims_.empty()) co_await adopt();
        if (std::exchange(bell_->is_told, false)) {
            ready_at(link().now());
            look_at_ = std::min(look_at_, later(looked_at_, between_looks));
        }
        const std::uint64_t server = link().server();
        if (std::exchange(server_, server) != server) {
            view_.keep(wall_time::min(), {});
            look_at_ = compare_at_ = elapsed_time::min();
        }
        if (zones_ != tz_mark()) { // what was read before says that it goes by the old ones
            view_.keep(wall_time::min(), {});
            look_at_ = elapsed_time::min();
        }
        if (cicada::now() >= look_at_) co_await look();
        if (survey_.is_ready()) co_await take_in_finds();
        while (!asked_.empty()) co_await do_what_is_asked();
        if (!is_behind_ && !checks_.empty() && *checks_.begin() <= link().now())
            co_await check_others();
        while (!to_read_.empty()) co_await read_jobs();
        if (searched_to_) co_await search();
        if (server != link().server()) co_return true; // none of what was read counts
        const std::shared_ptr<batch> next = gather();
        has_written = !next->is_empty();
        if (has_written) co_await write(next);
        if (!feeds_.empty()) co_await go_on_with_backfills();
        if (cicada::now() >= prune_at_ && !is_stopping_) co_await prune();
        pause_ = duration::zero();
    } catch (const std::exception&) {
        trouble = std::current_exception();
    }
    if (trouble) note_trouble(trouble);
    co_return !trouble && (has_written || !to_read_.empty() || searched_to_);
}

task<> node::look() {
    const elapsed_time now = cicada::now();
    const wall_time until = later(link().now(), 2 * options_.poll);
    const bool compares = now >= compare_at_;
    const bool checks = compares || (has_left_some_ && now >= check_at_);
    auto asked_for =
        link().read([by = me_, until](reading& in) { return sight::of(in, by, until); });
    if (checks && !survey_ && !is_stopping_) {
        has_left_some_ = false;
        check_at_ = later(now, options_.poll);
        const finds what{.who = me_.by, .server = server_, .compares = compares};
        survey_ = link().survey([what](reading& in) {
            finds found = what;
            found.find(in);
            return found;
        });
    }
    const sight seen = co_await asked_for;
    looked_at_ = now;
    written_.reset();
    tell_of_store();
    search_if_needed();
    ready_at_ = seen.next_ready;
    others_.clear();
    bool lives = false;
    wall_time first_end = wall_time::max(); // of the leases of others
    for (const node_row& one : seen.nodes) {
        if (one.state != node_state::live) continue;
        if (one.id == me_.by) {
            lives = true;
        } else {
            first_end = std::min(first_end, one.lease_until);
            others_.push_back(one);
        }
    }
    if (!lives) heart_->doubt();
    if (!others_.empty()) heart_->lease_ends(elapsed_of(first_end));
    are_alike_ = std::all_of(others_.begin(), others_.end(), [this](const node_row& one) {
        return one.kinds == me_.kinds && one.labels == me_.labels;
    });

    wakes_more_ = seen.wakes.size() == most_wakes;
    const wall_time seen_to = wakes_more_ ? seen.wakes.back().wake_at : until;
    const duration ahead = between(link().now(), seen_to);
    const bool is_enough = is_behind_ || options_.poll < ahead;
    look_at_ = later(now, is_enough ? options_.poll : std::max(before_more, ahead));
    std::set<job_id> needed;
    for (const auto& [which, one] : attempts_) needed.insert(one.shared->row.job);
    for (const run_news& one : news_) needed.insert(one.row->job);
    view_.keep(later(seen_to, options_.poll), needed);
    checks_.clear();
    notice(seen.wakes);

    asked_.assign(seen.asked.begin(), seen.asked.end());
    requests(seen.asked_to_end);
    std::set<claimed> ended;
    if (!seen.orphaned.empty()) ended = ends_that_wait();
    for (const run_row& one : seen.orphaned) lost(one, ended);
}

/// What has ended since a survey is not known any more, but is not in the next one either. One that
/// failed is of a while ago: whether the store is there now, a turn finds out by itself.
task<> node::take_in_finds() {
    const cicada::future<finds> made = std::exchange(survey_, {});
    finds seen;
    std::exception_ptr failed;
    try {
        seen = co_await made;
    } catch (const std::exception&) {
        failed = std::current_exception();
    }
    if (failed) {
        compare_at_ = later(cicada::now(), options_.lease / 4);
        const bool is_news = pause_ == duration::zero() && !std::exchange(has_survey_failed_, true);
        if (is_news) report(options_.name, failed);
        co_return;
    }
    has_survey_failed_ = false;
    if (seen.who != me_.by || seen.server != server_) co_return;
    if (seen.compares) {
        compare_at_ = later(cicada::now(), options_.lease);
        compare(seen.in_its_name, ends_that_wait());
        for (const job_row& one : seen.stalled) mend(one);
    }
    for (const run_row& one : seen.ready) {
        if (one.of.run_at <= link().now()) check_kind(one.of.kind, one.label, one.of.job);
    }
}

/// Of what wakes soon this node reads ahead what it is to have first. The rest is read when others
/// have not had it in time, so that a job is read and decided by one of them.
void node::notice(const std::vector<job_wake>& wakes) {
    const wall_time now = link().now();
    std::vector<const job_wake*> late;
    for (const job_wake& one : wakes) {
        const bool is_known = view_.knows(one);
        duration by{};
        if (!is_known) {
            if (are_alike_) by = gives_way(one.id, nullptr);
            if (by == duration::zero()) read_again(one.id);
        } else if (const view::entry* const of = view_.find(one.id)) {
            by = of->gives_way;
        }
        if (by == duration::zero()) continue;
        const wall_time at = later(one.wake_at, by);
        if (at <= now) {
            late.push_back(&one);
        } else { // few at a time, however many jobs
            const duration beyond = at.time_since_epoch() % between_checks;
            checks_.insert(later(at, (between_checks - beyond) % between_checks));
        }
    }
    const std::size_t most = std::min(options_.most, most_read);
    if (late.size() > most) {
        // Not where others begin, who are at it: in an order of its own.
        std::nth_element(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(most), late.end(),
                         [this](const job_wake* a, const job_wake* b) {
                             return place_of(a->id) < place_of(b->id);
                         });
        late.resize(most);
        checks_.insert(now);
    }
    for (const job_wake* const one : late) {
        if (view_.knows(*one)) {
            view::entry& of = *view_.find(one->id);
            of.gives_way = duration::zero();
            plan(of);
        } else {
            confirms_.insert(one->id);
            read_again(one->id);
        }
    }
}

/// What is due now, and others should have had.
task<> node::check_others() {
    const wall_time now = link().now();
    checks_.erase(checks_.begin(), checks_.upper_bound(now));
    auto asked_for = link().read([now](reading& in) { return in.waking(now, most_searched); });
    const std::vector<job_wake> wakes = co_await asked_for;
    if (wakes.size() == most_searched) checks_.insert(later(now, between_checks));
    notice(wakes);
}

/// What somebody should look after is told when it comes up, and when it has passed. On a full disk
/// history that may go does not wait for the next round: what it leaves is used again.
void node::tell_of_store() {
    std::map<store_fault, store_error> there;
    for (const store_error& one : store_.access().where().warnings())
        there.emplace(one.fault(), one);
    for (const auto& [fault, one] : there) {
        if (warnings_.contains(fault)) continue;
        report(options_.name, std::make_exception_ptr(one));
        if (fault == store_fault::full && prunes()) prune_at_ = cicada::now();
    }
    for (const auto& [fault, one] : warnings_) {
        if (there.contains(fault)) continue;
        const std::string what = "is as it should be again (" + std::string(to_string(fault)) + ')';
        const store_error passed(fault, one.place(), what, "nothing is left to do");
        report(options_.name, std::make_exception_ptr(passed));
    }
    warnings_ = std::move(there);
}

/// When it has entered; when the clock was set back by much; when the rules of zones have changed.
void node::search_if_needed() {
    const wall_time now = link().now();
    const bool went_back = latest_ > later(now, most_set_back);
    latest_ = went_back ? now : std::max(now, latest_);
    if (!went_back && zones_ == tz_mark()) return;
    zones_ = tz_mark();
    searched_to_ = job_id::none;
    tells_of_clock_ = true;
}

bool node::prunes() const noexcept {
    return options_.keep.older_than != duration::max() || options_.keep.keep != 0;
}

task<> node::prune() {
    auto part = prune_some(link(), options_.keep, prune_from_);
    const prune_result made = co_await std::move(part);
    prune_from_ = made.goes_on.value_or(prune_place{});
    prune_at_ = later(cicada::now(), made.goes_on ? between_parts : between_rounds);
}

/// Backfills of these jobs may go on.
task<> node::go_on_with_backfills() {
    const std::vector<job_id> those = std::exchange(feeds_, {});
    for (const job_id one : those) {
        view_.drop(one);
        read_again(one);
    }
    auto fed = link().write([those](writing& in) {
        for (const job_id one : those) feed_backfills(in, one);
    });
    co_await fed;
    ready_at(link().now());
}

task<> node::read_jobs() {
    std::vector<job_id> ids;
    for (const job_id one : to_read_) {
        ids.push_back(one);
        if (ids.size() == most_read) break;
    }
    auto asked_for =
        link().read([ids](reading& in) { return in.jobs({.ids = ids, .most = ids.size()}); });
    const std::vector<job_row> rows = co_await asked_for;
    const std::set<job_id> those(ids.begin(), ids.end());
    for (const job_id one : ids) {
        to_read_.erase(one);
        view_.drop(one);
    }
    for (run_news& one : news_) one.is_checked = one.is_checked || those.contains(one.row->job);
    for (const job_row& row : rows) put(row);
}

/// The first job that is set right speaks for all of them.
void node::tell_of_clock(const decision& one) {
    if (one.what != decision::kind::clock_went_back) return;
    if (!std::exchange(tells_of_clock_, false)) return;
    report(options_.name, std::make_exception_ptr(clock_error(between(link().now(), one.last))));
}

/// D3: once for each version.
void node::tell_of_zones(const std::string& newer) {
    if (!reported_zones_.insert(newer + '\n' + zones_).second) return;
    report(options_.name,
           std::make_exception_ptr(error(
               "cicada: jobs go by the tz database " + newer + ", and this process has " + zones_ +
               ": what is due it leaves to other workers, if there are any, for a minute; update "
               "its tz database, and restart it or call reload_tz()")));
}

/// Null: it cannot be read, which is told once.
view::entry* node::put(const job_row& row) {
    mends_.erase(row.id);
    try {
        view::entry& one = view_.put(row, store_.access().place());
        if (one.job.has_newer_zones()) tell_of_zones(one.job.zones());
        const bool is_late = confirms_.erase(row.id) > 0 && is_due(one);
        one.is_left = is_left_to_others(one);
        if (!one.is_left && !is_late) one.gives_way = gives_way(one);
        plan(one);
        return &one;
    } catch (const store_error&) {
        report("job '" + row.name + "'", std::current_exception());
        return nullptr;
    }
}

/// When it is looked at.
void node::plan(view::entry& one) {
    view_.look(one);
    const auto until = put_off_.find(one.job.id());
    if (until == put_off_.end()) return;
    if (until->second > link().now()) {
        view_.put_off(one, until->second);
    } else {
        put_off_.erase(until);
    }
}

bool node::is_due(const view::entry& one) const {
    const std::optional<wall_time> wake = one.job.wake_at();
    return wake && *wake <= link().now();
}

/// Whenever it wakes, it is looked at now. Null: it is left to others, or cannot be read.
view::entry* node::put_due(const job_row& row) {
    view::entry* const one = put(row);
    if (!one || is_left_to_others(*one)) return nullptr;
    one->gives_way = duration::zero();
    view_.look_at(*one, link().now());
    return one;
}

/// D14: nothing would come of it, ever. It is told when the store has taken what mends it.
void node::mend(const job_row& row) {
    view::entry* const one = put_due(row);
    if (one && one->job.mend(link().now())) mends_.insert(row.id);
}

/// Looks at a part of all jobs, whenever they wake, for those whose wake_at means nothing.
task<> node::search() {
    struct seen {
        job_search which;
        std::vector<job_row> rows;
    };
    const wall_time latest = later(link().now(), most_set_back);
    auto asked_for = link().read([after = *searched_to_, latest, zones = zones_](reading& in) {
        seen s{in.out_of_date(after, latest, zones, most_searched), {}};
        if (!s.which.found.empty()) s.rows = in.jobs({.ids = s.which.found, .most = most_searched});
        return s;
    });
    const seen part = co_await asked_for;
    for (const job_row& row : part.rows) put_due(row);
    searched_to_ = part.which.goes_on_after;
}

void node::read_again(job_id which) {
    if (which != job_id::none) to_read_.insert(which);
}

void node::ready_at(wall_time instant) {
    ready_at_ = ready_at_ ? std::min(*ready_at_, instant) : instant;
}

} // namespace cicada::detail
