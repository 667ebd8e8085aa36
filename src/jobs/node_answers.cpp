// A batch is written, and followed by what the answers say.

#include <jobs/node.hpp>

#include <cicada/loop/sleep.hpp>

namespace cicada::detail {

namespace {

constexpr duration after_too_early = std::chrono::milliseconds(2);
constexpr duration after_refusal = std::chrono::minutes(1); // of a step that cannot be taken
constexpr unsigned most_refusals = 4; // of the steps of a job, one after another
constexpr duration after_many = std::chrono::milliseconds(100);

bool is(store_fault what, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const store_error& e) {
        return e.fault() == what;
    } catch (...) {
        return false;
    }
}

/// A promise that was dropped says as little as an unknown outcome.
bool is_unknown(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const store_error& e) {
        return e.fault() == store_fault::unknown_outcome;
    } catch (const closed_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

std::exception_ptr was_stalled() {
    return std::make_exception_ptr(
        error("cicada: it was active, but had neither a next instant nor a run, so nothing would "
              "have come of it; its next instant was computed again; has its row been changed by "
              "hand?"));
}

/// D10. Whether there was anything to replace.
bool replace_texts(step& in) {
    bool has_some = false;
    for (run_change& one : in.changes) {
        has_some = has_some || one.log || one.report;
        if (one.reason || one.log) one.reason = "result could not be stored";
        one.log.reset();
        one.report.reset();
    }
    return has_some;
}

} // namespace

task<> node::write(std::shared_ptr<batch> what) {
    std::optional<batch::answer> made;
    std::exception_ptr failed;
    auto answer = link().write([what](writing& in) { return what->carry_out(in); });
    written_ = what; // the one before it goes now, while the store is at work
    try {
        made = co_await answer;
    } catch (const std::exception&) {
        failed = std::current_exception();
    }
    if (made) {
        carry_out(*what, *made);
    } else if (is(store_fault::too_large, failed)) {
        co_await write_apart(what);
    } else {
        not_written(*what, failed);
        std::rethrow_exception(failed);
    }
}

/// D10: one of the entries has something that the store does not take: each goes alone, and that
/// one with its texts replaced.
task<> node::write_apart(std::shared_ptr<batch> what) {
    for (std::size_t i = 0; i < what->entries.size(); ++i) {
        const auto alone = std::make_shared<batch>();
        alone->claim_id = what->claim_id;
        alone->entries.push_back(std::move(what->entries[i]));
        std::optional<batch::answer> made;
        std::exception_ptr failed;
        do {
            if (failed && !is(store_fault::too_large, failed)) break;
            auto answer = link().write([alone](writing& in) { return alone->carry_out(in); });
            try {
                made = co_await answer;
            } catch (const std::exception&) {
                failed = std::current_exception();
            }
        } while (!made && replace_texts(alone->entries.front().what));
        if (made) {
            carry_out(*alone, *made);
            continue;
        }
        const job_id job = alone->entries.front().job;
        const std::string name = whose(job);
        not_written(*alone, failed);
        if (is(store_fault::too_large, failed)) { // whatever it is, it is not a text of a handler
            report(name, failed);
            put_off(job, after_refusal);
            if (job == job_id::none) pause_until_ = later(cicada::now(), after_many);
            continue;
        }
        what->entries.erase(what->entries.begin(),
                            what->entries.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        not_written(*what, failed);
        std::rethrow_exception(failed);
    }
}

void node::carry_out(batch& what, batch::answer& made) {
    for (std::size_t i = 0; i < what.entries.size(); ++i)
        carry_out(what.entries[i], made.results[i]);
    if (what.claims) ready_at_ = made.claimed.next;
    for (run_row& one : made.claimed.runs) {
        if (view::entry* const of = view_.find(one.job)) of->job.run_is(one);
        begin(std::move(one));
    }
    for (const auto& [job, one] : std::exchange(told_, {})) tell(job, one);
}

void node::tell(const std::string& job, const decision& what) const {
    try {
        options_.on_decision(job, what);
    } catch (...) {
        report("job '" + job + "'", std::current_exception());
    }
}

void node::carry_out(batch::entry& one, step_result& made) {
    view::entry* const of = view_.find(one.job);
    switch (made.is) {
    case verdict::taken:
        if (of) {
            refusals_.erase(one.job);
            of->job.taken(made);
            if (mends_.erase(one.job) > 0) report(whose(one.job), was_stalled());
            if (!is_due(*of)) of->gives_way = gives_way(*of); // others may have come, or gone
            view_.look(*of);
            for (const decision& each : of->job.decided()) {
                tell_of_clock(each);
                if (options_.on_decision) told_.emplace_back(of->name, each);
            }
        }
        return follow(one, made);
    case verdict::refused:
        if (one.job == job_id::none) return; // it was taken over, and what it did is not counted
        [[fallthrough]];
    case verdict::stale:
        if (++refusals_[one.job] % most_refusals == 0)
            pause_until_ = later(cicada::now(), after_many);
        break;
    case verdict::not_live:
        heart_->doubt();
        break;
    case verdict::too_early:
        put_off(one.job, after_too_early);
        break;
    case verdict::repeated:
        report(whose(one.job), std::make_exception_ptr(error(
                                   "cicada: what it decides to run was recorded before, so it is "
                                   "not recorded again; has its row been changed by hand?")));
        put_off(one.job, after_refusal);
        break;
    }
    give_back(one);
}

/// Of a step that was taken.
void node::follow(batch::entry& one, step_result& made) {
    bool concerns_others = false;
    for (const run_change& each : one.what.changes) {
        if (each.state == run_state::ready) ready_at(each.run_at);
        if (each.state != run_state::running || !each.is_asked_to_end) continue;
        const auto here = attempts_.find({each.fence, each.claim});
        if (here == attempts_.end()) {
            concerns_others = true;
        } else {
            ask_to_end(here->second, asked::by_request);
        }
    }
    for (run_row& each : made.begun) {
        if (each.of.state == run_state::running) {
            begin(std::move(each));
        } else {
            ready_at(each.of.run_at);
            has_left_some_ = concerns_others = true;
        }
    }
    if (concerns_others) store_.access().changed();
}

/// Nothing of it was written, or nobody knows.
void node::not_written(batch& what, const std::exception_ptr& why) {
    for (batch::entry& one : what.entries) give_back(one);
    if (is_unknown(why) && what.begins()) unknown_claims_.push_back(what.claim_id);
}

/// It has gone ahead of the store, so it is read anew; what was to be written still is.
void node::give_back(batch::entry& one) {
    if (one.job != job_id::none) {
        view_.drop(one.job);
        read_again(one.job);
    }
    for (run_news& each : one.news) each.is_checked = false;
    news_.insert(news_.begin(), std::make_move_iterator(one.news.begin()), // before what came since
                 std::make_move_iterator(one.news.end()));
    one.news.clear();
}

void node::put_off(job_id which, duration by) {
    if (which != job_id::none) put_off_[which] = later(link().now(), by);
}

std::string node::whose(job_id which) {
    const view::entry* const of = view_.find(which);
    return of ? "job '" + of->name + "'" : options_.name;
}

} // namespace cicada::detail
