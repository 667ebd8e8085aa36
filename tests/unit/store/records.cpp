#include <cicada/store/records.hpp>

#include <gtest/gtest.h>

using namespace cicada;

TEST(records, origins_and_states_have_words) {
    EXPECT_EQ(to_string(run_origin::scheduled), "scheduled");
    EXPECT_EQ(to_string(run_origin::triggered), "triggered");
    EXPECT_EQ(to_string(run_origin::backfilled), "backfilled");
    EXPECT_EQ(to_string(run_origin::rerun), "rerun");
    EXPECT_EQ(to_string(run_origin::submitted), "submitted");
    EXPECT_EQ(to_string(run_state::ready), "ready");
    EXPECT_EQ(to_string(run_state::running), "running");
    EXPECT_EQ(to_string(run_state::ok), "ok");
    EXPECT_EQ(to_string(run_state::failed), "failed");
    EXPECT_EQ(to_string(run_state::cancelled), "cancelled");
    EXPECT_EQ(to_string(run_state::lost), "lost");
}

TEST(records, a_value_that_there_is_not_has_no_word) {
    EXPECT_EQ(to_string(static_cast<run_origin>(9)), "");
    EXPECT_EQ(to_string(static_cast<run_state>(9)), "");
}

TEST(records, what_is_ready_or_runs_is_open) {
    EXPECT_TRUE(is_open(run_state::ready));
    EXPECT_TRUE(is_open(run_state::running));
    EXPECT_FALSE(is_open(run_state::ok));
    EXPECT_FALSE(is_open(run_state::failed));
    EXPECT_FALSE(is_open(run_state::cancelled));
    EXPECT_FALSE(is_open(run_state::lost));
}
