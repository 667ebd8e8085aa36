// Somebody who reads a database in one transaction for long holds its log, which grows: that is
// told once, by name, until it is over.
#include <store/sqlite/store.hpp>

#include <optional>

#include <gmock/gmock.h>
#include <store/sqlite/log_readers.hpp>
#include <support/temporary_folder.hpp>
#include <support/transaction.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace cicada;
using namespace cicada::detail;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr std::int64_t longest = 8 << 20;

/// A process that reads when it is told to, and until then. It is made before this one opens
/// anything, for a child must not inherit what SQLite knows of a file.
class reader_process {
public:
    explicit reader_process(const std::string& path) {
        if (::pipe(to_) != 0 || ::pipe(from_) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) live(path);
        ::close(to_[0]);
        ::close(from_[1]);
    }
    reader_process(const reader_process&) = delete;
    reader_process& operator=(const reader_process&) = delete;
    ~reader_process() { end(); }

    void begin() {
        char word = 0;
        EXPECT_EQ(::write(to_[1], &word, 1), 1);
        EXPECT_EQ(::read(from_[0], &word, 1), 1);
    }
    void end() {
        if (pid_ == 0) return;
        ::close(to_[1]);
        ::close(from_[0]);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    std::string number() const { return std::to_string(pid_); }

private:
    [[noreturn]] void live(const std::string& path) {
        ::close(to_[1]);
        char word = 0;
        if (::read(to_[0], &word, 1) != 1) ::_exit(1);
        try {
            sqlite_database db(path, sqlite_access::read);
            db.run("BEGIN; SELECT count(*) FROM job");
            static_cast<void>(!::write(from_[1], &word, 1));
            static_cast<void>(!::read(to_[0], &word, 1)); // until it is closed
        } catch (const std::exception&) {
        }
        ::_exit(0);
    }
    int to_[2], from_[2];
    pid_t pid_ = 0;
};

class log_of_store : public testing::Test {
protected:
    /// Steps of a job with so many MB.
    void write(store& in, int megabytes) {
        for (int i = 0; i < megabytes * 10; ++i) {
            const auto row = support::read(in, [](reading& r) { return r.jobs({}); }).at(0);
            const std::string text(100'000, static_cast<char>('a' + i % 26));
            const step one{.job = row.id, .revision = row.revision, .at = {.progress = text}};
            support::write(in, [&](writing& w) { return w.take(one); });
        }
    }
    static std::vector<std::string> warnings(const store& of) {
        std::vector<std::string> texts;
        for (const store_error& one : of.warnings()) {
            EXPECT_EQ(one.fault(), store_fault::log_held);
            texts.emplace_back(one.what());
        }
        return texts;
    }
    sqlite_options options() const {
        return {
            .path = path, .durability = sqlite_durability::process_crash, .longest_log = longest};
    }

    support::temporary_folder folder{support::fast_folders()};
    std::string path = folder / "jobs.db";
};

} // namespace

TEST_F(log_of_store, that_another_process_holds_is_told_of_until_that_ends) {
    reader_process other(path);
    sqlite_store store(options());
    support::write(store, [](writing& in) { in.create({.name = "a"}); });
    EXPECT_EQ(log_readers(path), "somebody");
    other.begin();
    EXPECT_THAT(log_readers(path), HasSubstr("process " + other.number() + " ("));
    write(store, 7);
    EXPECT_THAT(warnings(store), IsEmpty()) << "not yet long";
    write(store, 7);
    const auto told = warnings(store);
    EXPECT_THAT(told, ElementsAre(HasSubstr("MiB, which grows while process " + other.number())));
    EXPECT_THAT(told, ElementsAre(HasSubstr("reads it in one transaction: end that")));
    write(store, 7);
    EXPECT_EQ(warnings(store), told) << "in the same words";
    other.end();
    write(store, 1);
    EXPECT_THAT(warnings(store), IsEmpty());
}

TEST_F(log_of_store, that_this_process_holds_is_told_of_as_such) {
    sqlite_store store(options());
    support::write(store, [](writing& in) { in.create({.name = "a"}); });
    std::optional<sqlite_database> reader(std::in_place, path, sqlite_access::read);
    reader->run("BEGIN; SELECT count(*) FROM job");
    write(store, 14);
    EXPECT_THAT(warnings(store), ElementsAre(HasSubstr("while this process reads it")));
    reader.reset();
    write(store, 1);
    EXPECT_THAT(warnings(store), IsEmpty());
}

TEST_F(log_of_store, may_be_long_after_a_large_commit_when_nobody_holds_it) {
    sqlite_store store(options());
    support::write(store, [](writing& in) {
        in.create({.name = "a", .at = {.progress = std::string(3 * longest, 'x')}});
    });
    EXPECT_THAT(warnings(store), IsEmpty());
}
