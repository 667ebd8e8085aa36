// Jobs in a file: start it again, or kill it with kill -9 and start it again, and it goes on where
// it was.
#include <cicada/jobs.hpp>

#include <cstdio>

using namespace std::chrono_literals;

// By value; may run again after a crash: run.key() is the same then.
cicada::task<> send_report(cicada::job_run run) {
    std::printf("%s, attempt %u: %s\n", cicada::format_instant(run.nominal()).c_str(),
                run.attempt(), run.arguments().c_str());
    co_return; // throws: failed, and retried by the job's policy
}

cicada::task<> program() {
    cicada::job_store store = co_await cicada::open_store("sqlite:reports.db");
    const std::vector<cicada::job> jobs = {
        {.name = "weekly",
         .when = cicada::cron("0 7 * * MON", "Europe/Berlin"),
         .kind = "send_report",
         .arguments = R"({"to": "team@example.org"})",
         .retry = {.max = 3}},
        {.name = "poll",
         .when = cicada::interval(10s),
         .kind = "send_report",
         .catch_up = cicada::catch_up::none},
    };
    co_await store.apply("reports", jobs); // creates, updates, removes, in one transaction
    co_await store.submit("send_report", R"({"to": "me@example.org"})",
                          {.after = 10min, .key = "welcome-42"}); // once, durably
    cicada::worker worker(store);
    worker.handle("send_report", send_report);
    co_await worker.run(); // until cancelled: then it drains, and hands back what is not finished
}

// A program of its own has `cicada::run(program(), {.cancel_on_signal = true});`. As an example it
// ends by itself.
cicada::task<> for_two_seconds() {
    try {
        co_await cicada::with_timeout(2s, program());
    } catch (const cicada::timeout_error&) {
        std::puts("Two seconds are over.");
    }
}

int main() { cicada::run(for_two_seconds()); }
