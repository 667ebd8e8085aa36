// What is asked of a store in a trial, from within the cluster and from outside.

#include <algorithm>

#include <model/cluster/trial_at_work.hpp>

namespace cluster_model {

cicada::task<> trial::people() {
    for (;;) {
        co_await cicada::sleep(up_to(of_.between * 2));
        auto by = chance(50) ? in_.cluster.store() : some_host().machine.store();
        auto call = some_call(std::move(by));
        try {
            co_await std::move(call);
        } catch (const cicada::error&) { // what was asked for may have been done all the same
        }
    }
}

cicada::task<> trial::some_call(cicada::job_store by) {
    cicada::job& which = some_job();
    static constexpr const char* words[] = {"edit",   "pause",    "resume", "trigger",
                                            "cancel", "backfill", "submit", "submit"};
    const unsigned call = random(8);
    in_.tell(std::string(words[call]) + " \"" + which.name + "\"");
    switch (call) {
    case 0: {
        ++made_.edits;
        if (!which.when.is_fixed_delay()) {
            const auto other = some_recurrence();
            if (!other.is_fixed_delay()) which.when = other;
        }
        if (chance(30)) which.overlap = new_job(0).overlap;
        auto applying = by.apply(owner_of_all, jobs_);
        co_await std::move(applying);
        break;
    }
    case 1: {
        auto pausing = pause(by, which);
        co_await std::move(pausing);
        break;
    }
    case 2: {
        auto resuming = resume(by, which);
        co_await std::move(resuming);
        break;
    }
    case 3: {
        ++made_.triggers;
        auto triggering = by.trigger(which.name, {.key = "key " + std::to_string(random(1000))});
        co_await std::move(triggering);
        break;
    }
    case 4: {
        ++made_.cancels;
        const auto all = in_.runs();
        if (all.empty()) co_return;
        auto cancelling = by.cancel(all[random(std::min(unsigned(all.size()), 5u))].of.id);
        co_await std::move(cancelling);
        break;
    }
    case 5: {
        if (which.when.is_fixed_delay()) co_return;
        ++made_.backfills;
        const auto now = in_.cluster.store_now();
        auto filling = by.backfill(which.name, now - of_.between, now - of_.between / 2);
        co_await std::move(filling);
        break;
    }
    default: {
        ++made_.submits;
        cicada::submit_options how{.after = up_to(of_.between)};
        const std::string key = "key " + std::to_string(random(100'000));
        how.key = key;
        auto submitting = by.submit("work", "{}", how);
        co_await std::move(submitting);
    }
    }
}

cicada::task<> trial::pause(cicada::job_store by, cicada::job which) {
    ++made_.pauses;
    // What is not decided by then may count as paused, too.
    pauses_[which.name].push_back({in_.row(which.name).at.decided, wall_time::max()});
    auto pausing = by.pause(which.name, {.note = "a test", .by = "the model"});
    co_await std::move(pausing);
    if (!may_resume_.contains(which.name)) // it lasts, also of a job that has ended
        sure_pauses_[which.name].push_back({in_.cluster.store_now(), wall_time::max()});
}

/// It may stay paused: nobody is sure that this arrives, or that no failover loses it.
cicada::task<> trial::resume(cicada::job_store by, cicada::job which) {
    ++made_.resumes;
    const auto instants = chance(50) ? cicada::passed::skip : cicada::passed::catch_up;
    for (auto& one : sure_pauses_[which.name])
        one.second = std::min(one.second, in_.cluster.store_now());
    auto resuming = by.resume(which.name, instants);
    const bool is_known = may_resume_.insert(which.name).second;
    co_await std::move(resuming); // what it throws leaves a request that may come after a pause
    if (is_known) may_resume_.erase(which.name);
}

} // namespace cluster_model
