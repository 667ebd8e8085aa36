// The program of the front door of jobs, as it stands in docs/design.md.

#include <cicada/jobs.hpp>

#include <cstdio>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include <support/temporary_folder.hpp>

// What this program includes is there already; only main may do without a return.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"
#define main reports_main
namespace reports {
// clang-format off: it stands here as it does there

using namespace std::chrono_literals;

cicada::task<> send_report(cicada::job_run run) {                 // by value; may run again after a crash: run.key() is the same then
    std::printf("%s, attempt %u: %s\n", cicada::format_instant(run.nominal()).c_str(), run.attempt(), run.arguments().c_str());
    co_return;                                                    // throws: failed, and retried by the job's policy
}

cicada::task<> program() {
    cicada::job_store store = co_await cicada::open_store("sqlite:reports.db");     // "postgresql://db1,db2/app": any number of machines; "memory:"
    const std::vector<cicada::job> jobs = {
        {.name = "weekly", .when = cicada::cron("0 7 * * MON", "Europe/Berlin"), .kind = "send_report",
         .arguments = R"({"to": "team@example.org"})", .retry = {.max = 3}},
        {.name = "poll", .when = cicada::interval(10s), .kind = "send_report", .catch_up = cicada::catch_up::none},
    };
    co_await store.apply("reports", jobs);                        // owner "reports": creates, updates, removes, in one transaction
    co_await store.submit("send_report", R"({"to": "me@example.org"})", {.after = 10min, .key = "welcome-42"});   // once, durably
    cicada::worker worker(store);                                 // any number of processes
    worker.handle("send_report", send_report);
    co_await worker.run();                                        // until cancelled: then it drains, and hands back what it could not finish
}
int main() { cicada::run(program(), {.cancel_on_signal = true}); }

// clang-format on
} // namespace reports
#undef main
#pragma GCC diagnostic pop

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

namespace {

class jobs_front_door : public testing::Test {
protected:
    jobs_front_door() { std::filesystem::current_path(folder_.path()); }
    ~jobs_front_door() override { std::filesystem::current_path(before_); }

    /// What it prints from `start` on, in so much time.
    static std::string printed(const char* start, cicada::duration time) {
        testing::internal::CaptureStdout();
        {
            cicada::simulation sim(start);
            const auto running = cicada::spawn(reports::program());
            sim.advance(time);
        }
        std::fflush(stdout);
        return testing::internal::GetCapturedStdout();
    }

private:
    const std::filesystem::path before_ = std::filesystem::current_path();
    const support::temporary_folder folder_;
};

TEST_F(jobs_front_door, runs_its_jobs_and_goes_on_where_it_was) {
    EXPECT_EQ(printed("2024-01-01T05:59:45Z", 31s),
              "2024-01-01T05:59:45Z, attempt 1: {}\n"
              "2024-01-01T05:59:55Z, attempt 1: {}\n"
              "2024-01-01T06:00:00Z, attempt 1: {\"to\": \"team@example.org\"}\n"
              "2024-01-01T06:00:05Z, attempt 1: {}\n"
              "2024-01-01T06:00:15Z, attempt 1: {}\n");
    // An hour later: `poll` stands on the grid from its first instant, and catches up with nothing.
    const std::string later = printed("2024-01-01T07:00:07Z", 9s);
    EXPECT_THAT(later,
                HasSubstr("2024-01-01T06:09:45Z, attempt 1: {\"to\": \"me@example.org\"}\n"));
    EXPECT_THAT(later, HasSubstr("2024-01-01T07:00:15Z, attempt 1: {}\n"));
    EXPECT_THAT(later, Not(HasSubstr("team")));
    EXPECT_THAT(printed("2024-01-01T08:00:06Z", 9s),
                testing::StrEq("2024-01-01T08:00:05Z, attempt 1: {}\n"
                               "2024-01-01T08:00:15Z, attempt 1: {}\n"));
}

} // namespace
