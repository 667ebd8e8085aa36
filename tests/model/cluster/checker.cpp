#include <model/cluster/checker.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include <cicada/base/rfc3339.hpp>

namespace cluster_model {

namespace {

using rule = violation::rule;
using cicada::format_instant;
using cicada::run_origin;
using cicada::run_state;

class checker {
public:
    explicit checker(const history& all) : all_(all) {
        for (const attempt& one : all_.attempts) by_run_[one.run].push_back(&one);
        for (const run_row& one : all_.runs) rows_[one.of.id] = &one;
    }

    void check_all() {
        for (const job_history& one : all_.jobs) {
            check_decisions(one);
            if (one.life != cicada::life::ended)
                add(rule::left_open, "job \"" + one.name + "\" has not ended");
        }
        check_identities();
        for (const run_row& one : all_.runs) check_end(one);
        for (const auto& [run, attempts] : by_run_) {
            check_fences(attempts);
            check_alone(attempts);
            check_once(attempts);
            check_takeover(attempts);
        }
        for (const attempt& one : all_.attempts) check_start(one);
        for (const run_row& one : all_.given_to_the_dead)
            add(rule::given_to_the_dead, text(one) + ", to " + one.of.node);
    }

    std::vector<violation> found;
    checked what;

private:
    using attempts_of_run = std::vector<const attempt*>; // of one run, as they started

    void add(rule broken, std::string how) { found.push_back({broken, std::move(how)}); }

    const job_history* job_of(const std::string& name) const {
        const auto one = std::ranges::find(all_.jobs, name, &job_history::name);
        return one == all_.jobs.end() ? nullptr : &*one;
    }
    static std::string text(const attempt& one) {
        return (one.job.empty() ? "what was submitted" : "\"" + one.job + "\"") + " of " +
               format_instant(one.nominal) + " (run " +
               std::to_string(static_cast<std::int64_t>(one.run)) + ", fence " +
               std::to_string(one.fence) + " on " + one.machine + ")";
    }
    static std::string text(const run_row& one) {
        return "\"" + one.of.job + "\" of " + format_instant(one.of.nominal) + " (run " +
               std::to_string(static_cast<std::int64_t>(one.of.id)) + ", " +
               std::string(to_string(one.of.state)) +
               (one.of.reason.empty() ? "" : ": " + one.of.reason) + ")";
    }
    static std::string at(elapsed_time t) {
        return std::to_string(std::chrono::duration<double>(t.time_since_epoch() - 24h).count()) +
               " s";
    }

    // ---- G1, G2: each instant has one decision --------------------------------------------------

    static std::vector<wall_time> instants_of(const job_history& job) {
        std::vector<wall_time> all;
        for (std::size_t i = 0; i < job.versions.size(); ++i) {
            const version& one = job.versions[i];
            const bool is_last = i + 1 == job.versions.size();
            const wall_time last =
                is_last ? job.until - 1ns : std::min(job.versions[i + 1].since, job.until - 1ns);
            const cicada::detail::tz_edition::in_force then(one.zones);
            for (const wall_time t : one.when.between(one.since + 1ns, last + 1ns))
                all.push_back(t);
        }
        return all;
    }

    void check_decisions(const job_history& job) {
        if (job.versions.empty()) return;
        const std::vector<wall_time> instants = instants_of(job);
        what.instants += instants.size();
        std::map<wall_time, int> decided;
        for (const wall_time t : instants) decided[t] = 0;
        for (const run_row& one : all_.runs) {
            if (one.job != job.id || one.of.origin != run_origin::scheduled) continue;
            ++what.runs;
            const auto instant = decided.find(one.of.nominal);
            if (instant == decided.end()) {
                add(rule::no_instant, "a run of no instant: " + text(one));
            } else {
                ++instant->second;
            }
            const auto holds_it = [&one](const auto& pause) {
                return pause.first < one.of.nominal && pause.first < one.began_at &&
                       one.began_at < pause.second;
            };
            if (std::ranges::any_of(job.sure_pauses, holds_it)) add(rule::ran_paused, text(one));
        }
        for (const stretch& one : job.stretches) check_stretch(job, one, decided);
        for (const auto& [instant, times] : decided) {
            const std::string which = "\"" + job.name + "\" of " + format_instant(instant);
            if (times == 0 && !job.may_stop) add(rule::undecided, which);
            if (times > 1 + times_it_came_again(job, instant)) add(rule::decided_twice, which);
        }
    }

    /// The clock was wrong by more than is put up with, and set right: that is another epoch.
    static int times_it_came_again(const job_history& job, wall_time instant) {
        std::set<std::uint32_t> epochs;
        for (const stretch& one : job.stretches) {
            if (one.kind == cicada::decision::kind::clock_went_back && one.first < instant &&
                instant <= one.last)
                epochs.insert(one.epoch);
        }
        return static_cast<int>(epochs.size());
    }

    void check_stretch(const job_history& job, const stretch& one,
                       std::map<wall_time, int>& decided) {
        if (one.kind == cicada::decision::kind::clock_went_back) return;
        const std::string which = "\"" + job.name + "\" from " + format_instant(one.first) +
                                  " to " + format_instant(one.last) + ", " +
                                  std::string(to_string(one.kind));
        if (!decided.contains(one.first) || !decided.contains(one.last))
            add(rule::no_instant, which + ", ends in no instant");
        std::uint64_t count = 0;
        for (auto i = decided.lower_bound(one.first); i != decided.end() && i->first <= one.last;
             ++i) {
            ++i->second;
            ++count;
            const auto was_paused = [&, t = i->first](const auto& pause) {
                return pause.first <= t && t <= pause.second;
            };
            if (one.kind == cicada::decision::kind::paused &&
                std::ranges::none_of(job.pauses, was_paused))
                add(rule::never_paused, which + ": not at " + format_instant(i->first));
        }
        if (one.is_at_least ? count < one.count : count != one.count) {
            add(rule::miscounted,
                which + ", " + std::to_string(one.count) + " and not " + std::to_string(count));
        }
    }

    void check_identities() {
        std::map<std::pair<std::string, wall_time>, const attempt*> seen;
        for (const attempt& one : all_.attempts) {
            if (one.is_in_doubt || one.origin != run_origin::scheduled) continue;
            const auto [there, is_new] = seen.insert({{one.job, one.nominal}, &one});
            const job_history* const job = job_of(one.job);
            if (job && times_it_came_again(*job, one.nominal) > 0) continue;
            if (!is_new && there->second->run != one.run)
                add(rule::two_runs, text(*there->second) + " and " + text(one));
        }
    }

    // ---- G3: one current attempt ----------------------------------------------------------------

    duration set_back_since(elapsed_time t) const {
        duration sum{};
        for (const auto& [at, by] : all_.set_back) {
            if (at >= t) sum += by;
        }
        return sum;
    }

    void check_end(const run_row& row) {
        if (is_open(row.of.state)) return add(rule::left_open, text(row));
        const auto attempts = by_run_.find(row.of.id);
        const auto any = [&](auto holds) {
            return attempts != by_run_.end() && std::ranges::any_of(attempts->second, holds);
        };
        const auto ended = [&](attempt::ending how) {
            return any([&](const attempt* one) {
                return one->fence == row.of.fence && one->how == how &&
                       one->ended_by_store <= *row.of.ended_at + set_back_since(one->ended_at);
            });
        };
        switch (row.of.state) {
        case run_state::ok:
            if (!ended(attempt::ending::returned))
                add(rule::not_its_end, text(row) + ": its attempt had not returned");
            break;
        case run_state::failed: // it may have waited for its retry, by a later fence; or, once
            // lost, for another worker, and nothing has thrown last
            if (row.of.lost == 0 && !has_thrown(row))
                add(rule::not_its_end, text(row) + ": its attempt had not thrown");
            break;
        default:
            break;
        }
    }

    static bool was_handed_back(const attempt& one) {
        return one.how == attempt::ending::cancelled && one.was_stopped;
    }

    bool has_thrown(const run_row& row) const {
        const auto attempts = by_run_.find(row.of.id);
        if (attempts == by_run_.end()) return false;
        const attempt* last = nullptr; // but for what a failover has lost, and what counts as none
        for (const attempt* one : attempts->second) {
            if (one->is_in_doubt && one->fence > row.of.fence) continue;
            if (was_handed_back(*one)) continue;
            if (!last || last->fence <= one->fence) last = one;
        }
        return last && last->fence <= row.of.fence &&
               std::ranges::any_of(attempts->second, [&](const attempt* one) {
                   return one->fence == last->fence && one->how == attempt::ending::threw;
               });
    }

    void check_fences(const attempts_of_run& of) {
        const attempt* last = nullptr;
        for (const attempt* one : of) {
            if (one->is_in_doubt) continue;
            if (last && last->fence >= one->fence)
                add(rule::fence_went_back, text(*last) + ", then " + text(*one));
            last = one;
        }
    }

    // ---- G4, G5 ---------------------------------------------------------------------------------

    void check_alone(const attempts_of_run& of) {
        for (std::size_t i = 0; i < of.size(); ++i) {
            const attempt& one = *of[i];
            const job_history* const job = job_of(one.job);
            if (job && job->when_cut_off == cicada::when_cut_off::carry_on) return;
            for (std::size_t j = i + 1; j < of.size(); ++j) {
                const attempt& later = *of[j];
                if (one.is_in_doubt || later.is_in_doubt) continue;
                if (one.alive_at > later.started_at)
                    add(rule::two_at_once, text(one) + " was at work until " + at(one.alive_at) +
                                               ", and from " + at(later.started_at) + " on " +
                                               text(later));
            }
        }
    }

    bool was_healthy(const machine_history& one, elapsed_time from, elapsed_time until) const {
        return std::ranges::any_of(
            one.healthy, [&](const span& s) { return s.from <= from && until <= s.until; });
    }

    void check_takeover(const attempts_of_run& of) {
        for (const attempt* one : of) {
            if (one->how != attempt::ending::destroyed || one->is_in_doubt) continue;
            const job_history* const job = job_of(one->job);
            if (job && job->on_lost == cicada::on_lost::fail) continue;
            const elapsed_time by = std::max(one->ended_at, one->heard_until) + all_.takeover;
            const bool somebody_was_there =
                std::ranges::any_of(all_.machines, [&](const machine_history& other) {
                    return was_healthy(other, one->ended_at - all_.lease, by);
                });
            if (!somebody_was_there) continue;
            const auto row = rows_.find(one->run);
            if (row == rows_.end()) continue; // it was forgotten
            const bool is_lost = row->second->of.state == run_state::lost ||
                                 row->second->of.state == run_state::cancelled;
            if (is_lost) continue;
            // It had ended in the store, by an answer that it was told of after its end.
            if (row->second->of.fence == one->fence) continue;
            ++what.takeovers;
            const bool is_taken_over = std::ranges::any_of(of, [&](const attempt* next) {
                return next->fence > one->fence && next->started_at <= by;
            });
            if (!is_taken_over)
                add(rule::late_takeover, text(*one) + ", which was lost at " + at(one->ended_at));
        }
    }

    // ---- and ------------------------------------------------------------------------------------

    void check_start(const attempt& one) {
        const bool has_instant =
            one.origin == run_origin::scheduled || one.origin == run_origin::submitted;
        if (has_instant && one.store_was_at < one.nominal) {
            add(rule::early,
                text(one) + ", when the store's clock was at " + format_instant(one.store_was_at));
        }
    }

    /// A handler that has ended by itself, or was handed back as its process stopped, is not lost.
    void check_once(const attempts_of_run& of) {
        for (std::size_t i = 0; i + 1 < of.size(); ++i) {
            const attempt& one = *of[i];
            const job_history* const job = job_of(one.job);
            if (!job || job->on_lost != cicada::on_lost::fail) return;
            if (one.is_in_doubt || of[i + 1]->is_in_doubt) continue;
            const bool is_known = one.how == attempt::ending::threw || was_handed_back(one);
            if (!is_known) add(rule::again, text(one) + ", then " + text(*of[i + 1]));
        }
    }

    const history& all_;
    std::map<cicada::run_id, attempts_of_run> by_run_;
    std::map<cicada::run_id, const run_row*> rows_;
};

} // namespace

std::ostream& operator<<(std::ostream& out, const violation& one) {
    static constexpr const char* names[] = {
        "decided twice",     "two runs",      "undecided",   "no instant",  "miscounted",
        "never paused",      "ran paused",    "left open",   "not its end", "fence went back",
        "given to the dead", "late takeover", "two at once", "early",       "again"};
    return out << names[static_cast<int>(one.what)] << ": " << one.text;
}

std::vector<violation> check(const history& all, checked& what) {
    checker one(all);
    one.check_all();
    what.instants += one.what.instants;
    what.runs += one.what.runs;
    what.takeovers += one.what.takeovers;
    return std::move(one.found);
}

std::vector<violation> check(const history& all) {
    checked ignored;
    return check(all, ignored);
}

} // namespace cluster_model
