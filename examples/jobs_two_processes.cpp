// Processes, on one machine or on many, share the jobs of a PostgreSQL database:
//
//     createdb jobs
//     jobs_two_processes postgresql://localhost/jobs &
//     jobs_two_processes postgresql://localhost/jobs
//
// Each second, and each letter, is one process's. Kill one with kill -9: what it is at comes to the
// other when its lease is over, and all that is to come does at once.
#include <cicada/jobs.hpp>

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

using namespace std::chrono_literals;

// By value; may run again after a crash, and elsewhere: run.key() is the same then.
cicada::task<> send_report(cicada::job_run run) {
    std::printf("process %d: %s\n", getpid(), run.key().c_str());
    std::fflush(stdout);
    co_await cicada::sleep(300ms);
}

cicada::task<> program(std::string url) {
    cicada::job_store store = co_await cicada::open_store(url);
    const std::vector<cicada::job> jobs = {{.name = "each second",
                                            .when = cicada::interval(1s),
                                            .kind = "send_report",
                                            .catch_up = cicada::catch_up::none}};
    co_await store.apply("two processes", jobs); // whoever comes second changes nothing
    for (int i = 1; i <= 8; ++i) {
        const std::string key = "letter " + std::to_string(i);
        co_await store.submit("send_report", "{}", {.key = key}); // both ask; it is there once
    }
    cicada::worker worker(store, {.most = 2, .lease = 5s});
    worker.handle("send_report", send_report);
    co_await worker.run();
}

// A program of its own has `cicada::run(program(url), {.cancel_on_signal = true});`. As an example
// it ends by itself.
cicada::task<> for_six_seconds(std::string url) {
    try {
        co_await cicada::with_timeout(6s, program(std::move(url)));
    } catch (const cicada::timeout_error&) {
        std::printf("process %d: six seconds are over\n", getpid());
    }
}

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: jobs_two_processes postgresql://HOST/DATABASE\n", stderr);
        return EXIT_FAILURE;
    }
    cicada::run(for_six_seconds(arguments[1]));
}
