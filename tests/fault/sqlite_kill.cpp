// A process that works with a SQLite store is killed at a random moment, again and again. What it
// had acknowledged through a pipe is there, and the next one goes on. CICADA_ROUNDS says how often.
#include <fault/sqlite_history.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <support/temporary_folder.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace cicada;
using namespace cicada::detail;
using fire::acknowledgement;

namespace {

[[noreturn]] void work(const std::string& path, int to) {
    try {
        sqlite_store store({.path = path});
        fire::node node(store, [to](const acknowledgement& one) {
            if (::write(to, &one, sizeof one) != ssize_t{sizeof one}) ::_exit(1);
        });
        for (;;) node.turn(std::numeric_limits<std::int64_t>::max());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "the worker: %s\n", e.what());
    }
    ::_exit(1);
}

} // namespace

TEST(killed_process, loses_nothing_that_it_had_acknowledged) {
    const char* const asked_for = std::getenv("CICADA_ROUNDS");
    const int rounds = asked_for ? std::atoi(asked_for) : 200;
    constexpr int rounds_of_one_store = 500; // as it grows, each takes longer
    std::optional<support::temporary_folder> folder;
    std::string path;
    std::mt19937_64 random(20261126);
    std::uniform_int_distribution<int> up_to_60(0, 60), up_to_2000(0, 2000);
    fire::witness told;
    std::uint64_t acknowledged = 0;
    int died_early = 0;
    for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
        SCOPED_TRACE(round);
        if (round % rounds_of_one_store == 0) {
            path = folder.emplace(support::fast_folders()) / "jobs.db";
            told = {};
        }
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t worker = ::fork();
        ASSERT_GE(worker, 0);
        if (worker == 0) work(path, ends[1]);
        ::close(ends[1]);
        acknowledgement one;
        int of_this = 0;
        const auto hear = [&] {
            if (::read(ends[0], &one, sizeof one) != ssize_t{sizeof one}) return false;
            told.tell(one);
            ++of_this;
            return true;
        };
        if (round % 4 == 0) { // perhaps while it opens the store
            std::this_thread::sleep_for(std::chrono::milliseconds(up_to_60(random)));
        } else {
            for (int to_hear = up_to_60(random); to_hear >= 0 && hear();) --to_hear;
            std::this_thread::sleep_for(std::chrono::microseconds(up_to_2000(random)));
        }
        ASSERT_EQ(::kill(worker, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(worker, &status, 0), worker);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
        while (hear()) {
        }
        ::close(ends[0]);
        acknowledged += static_cast<std::uint64_t>(of_this);
        died_early += of_this == 0;
        const int of_store = round % rounds_of_one_store + 1;
        if (round % (1 + of_store / 100) == 0 || of_store == rounds_of_one_store ||
            round + 1 == rounds) {
            told.check(path);
        }
    }
    std::cout << rounds << " processes killed, " << acknowledged << " acknowledgements, "
              << died_early << " times before the first\n";
    EXPECT_LE(died_early, rounds / 4 + 1);
}
