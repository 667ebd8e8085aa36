// What runs here.

#include <jobs/node.hpp>

#include <async/report.hpp>
#include <cicada/loop/sleep.hpp>
#include <jobs/submitted_run.hpp>

namespace cicada::detail {

/// Of a run that the store says is this node's.
void node::begin(run_row row) {
    const claimed which = claim_of(row);
    const bool is_asked = row.of.is_asked_to_end;
    const auto handler = handlers_.find(row.of.kind);
    const auto shared = std::make_shared<running>(std::move(row));
    const std::shared_ptr<const run_row> of(shared, &shared->row);
    if (is_stopping_ || handler == handlers_.end() || !heart_->may_begin(cicada::now())) {
        return not_begun(of);
    }
    const std::string& name = of->of.job.empty() ? of->of.kind : of->of.job;
    auto work =
        spawn(attempt_of(which, handler->second, shared), {.name = name}); // in a later turn
    attempt one{.shared = shared, .handler = std::move(work)};
    const auto here = attempts_.emplace(which, std::move(one)).first;
    if (is_asked) ask_to_end(here->second, asked::by_request);
}

/// What it is given it keeps: its frame may outlive the node, if both are destroyed where they are.
task<> node::attempt_of(claimed which, job_handler handler, std::shared_ptr<running> shared) {
    if (!heart_->may_begin(cicada::now())) { // it was held up for that long
        take_out(which);
        not_begun({shared, &shared->row});
        co_return;
    }
    attempt_end end;
    try {
        task<> work = handler(job_run(shared));
        co_await std::move(work);
    } catch (const cancelled&) {
        end.how = run_end::cancelled;
    } catch (const no_retry& e) {
        end = {.how = run_end::failed_for_good, .reason = e.what()};
    } catch (...) {
        end = {.how = run_end::failed, .reason = describe(std::current_exception())};
    }
    attempt_ended(which, std::move(end));
}

/// It runs here no more.
node::attempt node::take_out(claimed which) {
    const auto at = attempts_.find(which);
    attempt one = std::move(at->second);
    attempts_.erase(at);
    one.handler.detach();
    bell_->rung.set();
    return one;
}

void node::not_begun(std::shared_ptr<const run_row> row) {
    news_.push_back(
        {.what = run_news::kind::handed_back, .row = std::move(row), .has_begun = false});
}

void node::attempt_ended(claimed which, attempt_end how) {
    const attempt one = take_out(which);
    auto [log, report] = one.shared->close();
    run_news news{.row = {one.shared, &one.shared->row}, .end = std::move(how)};
    news.end.log = std::move(log);
    news.end.report = std::move(report);
    if (news.end.how == run_end::cancelled) {
        switch (one.to_end) {
        case asked::by_request:
            break;
        case asked::by_shutdown:
            news.what = run_news::kind::handed_back;
            break;
        case asked::by_cut_off:
            news.what = run_news::kind::lost;
            break;
        case asked::no:
            if (home_->is_closed()) { // which cancels all that is on it
                news.what = run_news::kind::handed_back;
            } else {
                news.end.how = run_end::failed;
                news.end.reason = "it ended as cancelled, which nobody had asked it to";
            }
        }
    }
    news_.push_back(std::move(news));
}

/// What is cancelled before its first step never runs, and so does not say that it has ended.
void node::end_those_not_begun() {
    std::vector<claimed> ended;
    for (const auto& [which, one] : attempts_) {
        if (one.handler.has_ended()) ended.push_back(which);
    }
    for (const claimed& which : ended) attempt_ended(which, {.how = run_end::cancelled});
}

void node::ask_to_end(attempt& one, asked by) {
    if (one.to_end != asked::no && by != asked::by_request) return;
    const bool is_first = one.to_end == asked::no;
    one.to_end = by;
    if (!is_first) return;
    one.shared->stop.request_stop();
    one.handler.cancel();
    bell_->rung.set(); // it may not even have begun
}

void node::ask_all_to_end(asked by) {
    for (auto& [which, one] : attempts_) ask_to_end(one, by);
}

/// By elapsed time its lease is about to be over.
void node::deadline_has_come() {
    if (heart_->deadline() > cicada::now()) return deadline_.set(heart_->deadline());
    cut_off();
    heart_->deadline_was_seen();
}

/// Others may take over what runs here: what is not to run twice at a time ends.
void node::cut_off() {
    is_cut_off_ = true;
    for (auto& [which, one] : attempts_) {
        if (policies(one.shared->row).is_cut_off == when_cut_off::stop)
            ask_to_end(one, asked::by_cut_off);
    }
}

/// Of the run's job, or its own; those that are safest, if they are not known.
node::when_gone node::policies(const run_row& row) {
    const view::entry* const of = view_.find(row.job);
    if (of) return {of->job.definition().of.on_lost, of->job.definition().of.when_cut_off};
    if (row.job != job_id::none) return {};
    try {
        const cicada::job own = policies_of(row, store_.access().place());
        return {own.on_lost, own.when_cut_off};
    } catch (const store_error&) {
        return {};
    }
}

} // namespace cicada::detail
