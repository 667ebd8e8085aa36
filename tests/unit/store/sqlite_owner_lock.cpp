#include <store/sqlite/owner_lock.hpp>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <cicada/store/errors.hpp>
#include <csignal>
#include <gmock/gmock.h>
#include <support/temporary_folder.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace cicada;
using cicada::detail::owner_lock;
using testing::HasSubstr;

namespace {

/// Empty: the lock was free.
std::string refusal(const std::string& database) {
    try {
        const owner_lock lock(database);
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::owned_by_another);
        return e.what();
    }
    return "";
}

} // namespace

TEST(owner_lock, keeps_out_a_second_store_of_the_same_process) {
    const support::temporary_folder folder;
    const std::string database = folder / "jobs.db";
    std::optional<owner_lock> first(database);
    EXPECT_THAT(refusal(database), HasSubstr("\"" + database + "\" is open in this process: one"));
    first.reset();
    EXPECT_EQ(refusal(database), "");
}

TEST(owner_lock, keeps_out_another_process_and_names_the_owner_and_goes_with_it) {
    const support::temporary_folder folder;
    const std::string database = folder / "jobs.db";
    int held[2];
    ASSERT_EQ(::pipe(held), 0);
    const pid_t owner = ::fork();
    if (owner == 0) {
        const owner_lock lock(database);
        static_cast<void>(!::write(held[1], "", 1));
        for (;;) ::pause();
    }
    char byte;
    ASSERT_EQ(::read(held[0], &byte, 1), 1);
    EXPECT_THAT(refusal(database), HasSubstr("is owned by process " + std::to_string(owner) + ":"));
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    EXPECT_EQ(refusal(database), "");
    ::close(held[0]);
    ::close(held[1]);
}

TEST(owner_lock, is_not_kept_by_a_program_that_outlives_its_owner) {
    const support::temporary_folder folder;
    const std::string database = folder / "jobs.db";
    int pid_of_child[2];
    ASSERT_EQ(::pipe(pid_of_child), 0);
    const pid_t owner = ::fork();
    if (owner == 0) {
        const owner_lock lock(database);
        const pid_t child = ::fork();
        if (child == 0) {
            ::execlp("sleep", "sleep", "60", nullptr);
            ::_exit(1);
        }
        // The child has become another program once its end of this pipe is closed.
        static_cast<void>(!::write(pid_of_child[1], &child, sizeof child));
        for (;;) ::pause();
    }
    pid_t child = 0;
    ASSERT_EQ(::read(pid_of_child[0], &child, sizeof child), ssize_t{sizeof child});
    const std::string program = "/proc/" + std::to_string(child) + "/comm";
    for (std::string name; name != "sleep";) {
        std::ifstream in(program);
        ASSERT_TRUE(std::getline(in, name));
    }
    EXPECT_NE(refusal(database), "");
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    EXPECT_EQ(::kill(child, 0), 0) << "it has to be there still";
    EXPECT_EQ(refusal(database), "");
    ::kill(child, SIGKILL);
    ::close(pid_of_child[0]);
    ::close(pid_of_child[1]);
}

TEST(owner_lock, says_what_is_wrong_with_its_folder) {
    const support::temporary_folder folder;
    try {
        const owner_lock lock(folder / "none/jobs.db");
        FAIL();
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::unreachable);
        EXPECT_THAT(e.what(), HasSubstr("none/jobs.db.lock\" cannot be opened (No such file"));
    }
}
