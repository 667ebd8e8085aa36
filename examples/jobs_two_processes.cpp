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

cicada::task<> for_a_while(std::chrono::seconds limit, std::string url) {
    try {
        co_await cicada::with_timeout(limit, program(std::move(url)));
    } catch (const cicada::timeout_error&) {
        std::printf("process %d: its time is over\n", getpid());
    }
}

int main(int count, char** arguments) {
    if (count < 2) {
        std::fputs("usage: jobs_two_processes postgresql://HOST/DATABASE [SECONDS]\n", stderr);
        return EXIT_FAILURE;
    }
    if (count == 2) {
        cicada::run(program(arguments[1]), {.cancel_on_signal = true});
    } else {
        cicada::run(for_a_while(std::chrono::seconds(std::atoi(arguments[2])), arguments[1]));
    }
}
