#include <store/postgres/failure.hpp>

#include <gtest/gtest.h>

using namespace cicada;
using namespace cicada::detail;

namespace {

struct row {
    std::string_view sqlstate;
    store_fault connecting;
    store_fault working;
    store_fault committing;
};

using enum store_fault;
constexpr auto unknown = unknown_outcome;

// The table at the head of failure.hpp.
constexpr row table[] = {
    {"", unreachable, unreachable, unknown},
    {"08000", unreachable, unreachable, unknown},
    {"08006", unreachable, unreachable, unknown},
    {"57P01", unreachable, unreachable, unknown},
    {"57P02", unreachable, unreachable, unknown},
    {"57P03", unreachable, unreachable, unknown},
    {"25P03", unreachable, unreachable, unknown}, // it was left idle for too long
    {"25006", store_fault::read_only, unreachable, unknown},
    {"53000", failed, failed, failed},
    {"53100", full, full, full},
    {"53200", failed, failed, failed},
    {"53300", unreachable, unreachable, unreachable},
    {"57014", timed_out, timed_out, unknown},
    {"40001", busy, busy, busy},
    {"40P01", busy, busy, busy},
    {"55P03", busy, busy, busy},
    {"22001", too_large, too_large, too_large},
    {"22021", too_large, too_large, too_large},
    {"23505", too_large, too_large, too_large},
    {"23514", too_large, too_large, too_large},
    {"54000", too_large, too_large, too_large},
    {"28000", no_rights, no_rights, no_rights},
    {"28P01", no_rights, no_rights, no_rights},
    {"42501", no_rights, no_rights, no_rights},
    {"3D000", not_a_store, not_a_store, not_a_store},
    {"3F000", not_a_store, not_a_store, not_a_store},
    {"42P01", not_a_store, not_a_store, not_a_store},
    {"42703", not_a_store, not_a_store, not_a_store},
    {"42883", not_a_store, not_a_store, not_a_store},
    {"58030", failed, failed, failed},
    {"XX000", failed, failed, failed},
    {"XX001", corrupt, corrupt, corrupt},
    {"XX002", corrupt, corrupt, corrupt},
    {"42601", failed, failed, failed},
    {"0A000", failed, failed, failed},
};

std::string text_of(std::string_view sqlstate, std::string_view message, pg_moment when) {
    try {
        throw_postgres(sqlstate, message, "postgresql://a/b", when);
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), fault_of(sqlstate, when));
        EXPECT_EQ(e.place(), "postgresql://a/b");
        return e.what();
    }
}

} // namespace

TEST(postgres_failure, is_told_by_its_code_and_the_moment) {
    for (const row& one : table) {
        SCOPED_TRACE(one.sqlstate);
        EXPECT_EQ(fault_of(one.sqlstate, pg_moment::connecting), one.connecting);
        EXPECT_EQ(fault_of(one.sqlstate, pg_moment::working), one.working);
        EXPECT_EQ(fault_of(one.sqlstate, pg_moment::committing), one.committing);
    }
}

TEST(postgres_failure, is_worth_another_attempt_if_another_transaction_was_in_the_way) {
    for (const row& one : table) {
        EXPECT_EQ(is_worth_repeating(one.sqlstate),
                  one.sqlstate == "40001" || one.sqlstate == "40P01");
    }
}

TEST(postgres_failure, ends_the_connection_if_no_more_is_to_be_done_by_it) {
    for (const row& one : table) {
        const bool is_lost = one.working == unreachable && one.sqlstate != "53300";
        EXPECT_EQ(ends_connection(one.sqlstate), is_lost) << one.sqlstate;
    }
}

TEST(postgres_failure, says_what_the_server_said_and_what_mends_it) {
    EXPECT_EQ(text_of("53100", "could not extend file\n", pg_moment::working),
              "cicada: \"postgresql://a/b\" has no space left (SQLSTATE 53100: could not extend "
              "file): free some space on its disk");
    EXPECT_EQ(text_of("", "one\ntwo\n", pg_moment::working),
              "cicada: \"postgresql://a/b\" cannot be reached (one two): see that it runs, and "
              "that host and port are right");
    EXPECT_EQ(text_of("", "gone", pg_moment::committing),
              "cicada: \"postgresql://a/b\" was lost at a commit (gone): it was done or not: read "
              "what is there");
}
