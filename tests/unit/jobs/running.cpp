#include <jobs/running.hpp>

#include <gtest/gtest.h>

#include <memory>

#include <cicada/base/rfc3339.hpp>
#include <cicada/jobs/job_run.hpp>

using namespace cicada;
using detail::run_row;
using detail::running;

namespace {

run_row row_of(run_origin origin, std::string job, std::string key = {}) {
    run_row one;
    one.of.id = run_id{7};
    one.of.job = std::move(job);
    one.of.kind = "pack";
    one.of.origin = origin;
    one.of.nominal = parse_instant("2026-03-01T07:00:00Z");
    one.of.key = std::move(key);
    return one;
}
std::string key_of(run_row one) { return job_run(std::make_shared<running>(one)).key(); }

} // namespace

TEST(job_run, has_the_key_that_was_given_or_its_job_and_instant_or_its_id) {
    EXPECT_EQ(key_of(row_of(run_origin::triggered, "weekly", "by-hand")), "by-hand");
    EXPECT_EQ(key_of(row_of(run_origin::scheduled, "weekly")), "weekly@2026-03-01T07:00:00Z");
    EXPECT_EQ(key_of(row_of(run_origin::backfilled, "weekly")), "weekly#7");
    EXPECT_EQ(key_of(row_of(run_origin::submitted, "")), "pack#7");
}

TEST(job_run, keeps_lines_of_the_log_and_the_last_report) {
    const auto of = std::make_shared<running>(row_of(run_origin::scheduled, "weekly"));
    const job_run run(of);
    run.log("one");
    run.log("two");
    run.report("1 of 2");
    run.report("2 of 2");
    const auto [log, report] = of->close();
    EXPECT_EQ(log, "one\ntwo\n");
    EXPECT_EQ(report, "2 of 2");
}

TEST(job_run, keeps_the_last_64_KiB_of_its_log_and_4_KiB_of_a_report) {
    const auto of = std::make_shared<running>(row_of(run_origin::scheduled, "weekly"));
    const job_run run(of);
    std::string all;
    for (int i = 0; all.size() < 3 * running::most_log; ++i) {
        const std::string line = "line " + std::to_string(i);
        run.log(line);
        all += line + "\n";
    }
    run.report(std::string(10'000, 'r'));
    const auto [log, report] = of->close();
    EXPECT_EQ(log, all.substr(all.size() - running::most_log));
    EXPECT_EQ(report, std::string(running::most_report, 'r'));
}

TEST(job_run, keeps_the_end_of_a_line_that_is_longer_than_the_log) {
    const auto of = std::make_shared<running>(row_of(run_origin::scheduled, "weekly"));
    job_run(of).log(std::string(100'000, 'a') + "the end");
    const std::string log = of->close().log;
    EXPECT_EQ(log.size(), running::most_log);
    EXPECT_TRUE(log.ends_with("athe end\n"));
}

TEST(job_run, writes_nothing_when_its_attempt_is_over) {
    const auto of = std::make_shared<running>(row_of(run_origin::scheduled, "weekly"));
    of->close();
    job_run(of).log("late");
    job_run(of).report("late");
    const auto [log, report] = of->close();
    EXPECT_EQ(log + report, "");
}

TEST(job_run, is_asked_to_end_by_its_stop_token) {
    const auto of = std::make_shared<running>(row_of(run_origin::scheduled, "weekly"));
    const job_run run(of);
    EXPECT_FALSE(run.is_asked_to_end());
    of->stop.request_stop();
    EXPECT_TRUE(run.is_asked_to_end());
    EXPECT_TRUE(run.stop_token().stop_requested());
}
