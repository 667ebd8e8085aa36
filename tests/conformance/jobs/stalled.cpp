// A job of which nothing would come, by whatever has damaged its row: D14.

#include <conformance/jobs/any_jobs.hpp>
#include <schedule/progress_text.hpp>

using namespace conformance_of_jobs;

namespace {

job often(const char* name, recurrence when, const char* arguments = "{}") {
    return {.name = name, .when = std::move(when), .kind = "work", .arguments = arguments};
}

/// Takes its next instant away.
task<> stall(job_store store, std::string name) {
    using namespace detail;
    auto done = store.access().link().write([name](writing& in) {
        job_row row = in.jobs({.names = {name}}).at(0);
        progress at = parse_progress(row.at.progress);
        at.next.reset();
        row.at.progress = to_text(at);
        row.at.wake_at.reset();
        return in.take({.job = row.id, .revision = row.revision, .at = row.at}).is;
    });
    const verdict is = co_await done;
    EXPECT_EQ(is, verdict::taken);
}

} // namespace

TEST_P(any_jobs, a_job_of_which_nothing_would_come_is_mended_and_that_is_told_once) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        co_await add(often("delayed", fixed_delay(10s)));
        co_await come(); // its lease is a minute
        co_await sleep(15s);
        co_await stall(store(), "delayed");
        co_await sleep(1min);
        EXPECT_THAT(starts, ElementsAre(0s, 10s, 70s)); // a delay after the next look at all
        co_await sleep(2min);
        EXPECT_EQ(starts.size(), 15u);
    });
    EXPECT_THAT(errors, ElementsAre("job 'delayed': cicada: it was active, but had neither a next "
                                    "instant nor a run, so nothing would have come of it; its "
                                    "next instant was computed again; has its row been changed by "
                                    "hand?"));
}

TEST_P(any_jobs, a_calendar_that_was_mended_has_lost_no_instant) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        job each = often("cron", cron("*/20 * * * * *"));
        each.catch_up = catch_up::all{10};
        each.overlap = overlap::buffer_all{10};
        co_await add(each);
        co_await come();
        co_await sleep(25s);
        co_await stall(store(), "cron");
        co_await go_away();
        co_await come(); // it looks at all as it starts
        co_await sleep(1min);
        co_await stall(store(), "cron"); // after 1:20
        co_await sleep(1min);
        const auto all = co_await nominals("cron");
        EXPECT_THAT(all, ElementsAre(20s, 40s, 60s, 80s, 100s, 120s, 140s));
    });
    EXPECT_EQ(errors.size(), 2u);
}

TEST_P(any_jobs, a_job_that_is_paused_or_over_or_runs_is_not_mended) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        co_await add(often("paused", fixed_delay(10s)));
        co_await store().pause("paused");
        std::vector<job> more;
        more.push_back(often("over", once("2026-03-01T00:00:01Z")));
        more.push_back(often("runs", fixed_delay(10s), "3600"));
        co_await store().apply("them", std::move(more));
        co_await come();
        co_await sleep(5s);
        EXPECT_EQ(starts.size(), 2u);
        for (const char* name : {"paused", "over", "runs"}) co_await stall(store(), name);
        co_await sleep(10min);
        EXPECT_EQ(starts.size(), 2u);
    });
    EXPECT_THAT(errors, IsEmpty());
}
