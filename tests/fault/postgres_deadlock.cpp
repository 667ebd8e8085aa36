// Two stores lock the same two jobs, each the other one first: the server ends one of the two
// transactions, and that store does all of it again.
#include <store/postgres/store.hpp>

#include <atomic>
#include <latch>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <support/postgres_database.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using support::part_of;
using support::read;
using support::write;

namespace {

/// As everybody does who is told that the job was changed meanwhile.
void add_note(writing& in, job_id to, const std::string& note) {
    verdict made = verdict::stale;
    while (made == verdict::stale) {
        const job_row row = in.jobs({.ids = {to}}).at(0);
        step one{.job = to, .revision = row.revision, .at = row.at};
        one.at.notes += note;
        made = in.take(one).is;
    }
    EXPECT_EQ(made, verdict::taken);
}

} // namespace

TEST(postgres_deadlock, of_two_stores_ends_with_what_both_were_to_do) {
    support::postgres_database database(support::postgres_database::is::migrated);
    support::postgres_client(database.url())
        .run("ALTER DATABASE " + database.name() + " SET deadlock_timeout = '50ms'");
    pg_store a({.url = database.url()});
    pg_store b({.url = database.url()});
    const job_id one = write(a, [](writing& in) { return in.create({.name = "one"}).value(); });
    const job_id two = write(a, [](writing& in) { return in.create({.name = "two"}).value(); });

    std::latch both_have_theirs(2);
    std::atomic<int> tries = 0;
    const auto work = [&](pg_store& on, job_id first, job_id second, const std::string& note) {
        bool has_waited = false;
        part_of of_first([&](writing& in) {
            ++tries;
            add_note(in, first, note);
            if (!std::exchange(has_waited, true)) both_have_theirs.arrive_and_wait();
        });
        part_of of_second([&](writing& in) { add_note(in, second, note); });
        part_of of_its_own([&](writing& in) { EXPECT_TRUE(in.create({.name = note})); });
        part* const parts[] = {&of_first, &of_second, &of_its_own};
        on.write(parts);
        for (const part* const each : parts) EXPECT_FALSE(each->error);
    };
    std::thread other([&] { work(b, two, one, "b"); });
    work(a, one, two, "a");
    other.join();

    EXPECT_GE(tries, 3) << "there was no deadlock";
    for (const job_id each : {one, two}) {
        const auto rows = read(a, [&](reading& in) { return in.jobs({.ids = {each}}); });
        EXPECT_EQ(rows.at(0).revision, 3u);
        EXPECT_TRUE(rows[0].at.notes == "ab" || rows[0].at.notes == "ba") << rows[0].at.notes;
    }
    EXPECT_EQ(read(a, [](reading& in) { return in.jobs({}); }).size(), 4u);
}
