#include <store/postgres/marks.hpp>

#include <gtest/gtest.h>

using namespace cicada::detail;
using cicada::elapsed_time;
using cicada::wall_time;
using namespace std::chrono_literals;

namespace {

constexpr wall_time the_beginning = wall_time::min();

class postgres_marks : public testing::Test {
protected:
    pg_marks::look begin() { return marks_.for_runs(mail_, now_, elapsed_); }
    wall_time since() { return begin().since(); }
    /// One that has found nothing before now.
    void look_for(std::chrono::nanoseconds time) {
        const pg_marks::look one = begin();
        elapsed_ += time;
        marks_.looked(one, elapsed_);
        marks_.found_none_before(one, now_);
    }

    pg_marks marks_;
    const claim mail_{.kinds = {"mail"}, .labels = {"eu"}};
    wall_time now_{1'000'000s};
    elapsed_time elapsed_{50s};
};

} // namespace

TEST_F(postgres_marks, begin_at_the_beginning) { EXPECT_EQ(since(), the_beginning); }

TEST_F(postgres_marks, are_not_used_where_a_look_at_all_is_quick) {
    look_for(1ms);
    EXPECT_EQ(since(), the_beginning);
}

TEST_F(postgres_marks, are_not_used_by_who_looks_beside_the_others) {
    pg_marks unused(false);
    const pg_marks::look one = unused.for_runs(mail_, now_, elapsed_);
    unused.looked(one, elapsed_ + 5ms);
    unused.found_none_before(one, now_);
    EXPECT_EQ(unused.for_runs(mail_, now_, elapsed_ + 5ms).since(), the_beginning);
}

TEST_F(postgres_marks, stand_a_second_before_what_a_look_has_passed) {
    look_for(5ms);
    EXPECT_EQ(since(), now_ - 1s);
    now_ += 1min;
    look_for(1ms); // from there on
    EXPECT_EQ(since(), now_ - 1s);
}

TEST_F(postgres_marks, are_due_after_a_second_for_who_looks_beside_the_others) {
    look_for(5ms);
    elapsed_ += 999ms;
    EXPECT_FALSE(marks_.has_due(elapsed_));
    EXPECT_EQ(marks_.take_due(elapsed_), std::nullopt);
    elapsed_ += 1ms;
    EXPECT_TRUE(marks_.has_due(elapsed_));
    const auto due = marks_.take_due(elapsed_);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->by()->kinds, mail_.kinds);
    EXPECT_EQ(due->by()->labels, mail_.labels);
    EXPECT_FALSE(marks_.has_due(elapsed_)) << "there is one who looks";
    elapsed_ += 1h;
    EXPECT_EQ(since(), now_ - 1s);
    marks_.looked(*due, elapsed_);
    EXPECT_EQ(since(), now_ - 1s) << "it took an hour";
}

TEST_F(postgres_marks, are_due_for_a_hundredth_of_the_time) {
    look_for(3s);
    elapsed_ += 299s;
    EXPECT_FALSE(marks_.has_due(elapsed_));
    elapsed_ += 1s;
    EXPECT_TRUE(marks_.has_due(elapsed_));
}

TEST_F(postgres_marks, are_passed_over_where_nobody_looks_beside_the_others) {
    look_for(5ms);
    elapsed_ += 5999ms;
    EXPECT_EQ(since(), now_ - 1s);
    elapsed_ += 1ms;
    EXPECT_EQ(since(), the_beginning);
}

TEST_F(postgres_marks, are_passed_over_after_who_looked_has_given_up) {
    look_for(5ms);
    elapsed_ += 1s;
    ASSERT_TRUE(marks_.take_due(elapsed_));
    marks_.give_up();
    EXPECT_EQ(since(), the_beginning);
}

TEST_F(postgres_marks, are_not_used_any_more_when_a_look_at_all_is_quick_again) {
    look_for(5ms);
    elapsed_ += 1s;
    const auto due = marks_.take_due(elapsed_);
    marks_.looked(*due, elapsed_ + 1ms);
    EXPECT_EQ(marks_.for_runs(mail_, now_, elapsed_ + 1ms).since(), the_beginning);
}

TEST_F(postgres_marks, go_back_to_what_becomes_ready) {
    look_for(5ms);
    marks_.is_ready(now_ - 1h, now_);
    marks_.is_ready(now_, now_);
    marks_.wakes(now_ - 2h, now_);
    EXPECT_EQ(since(), now_ - 1h);
}

TEST_F(postgres_marks, stay_when_something_becomes_ready_during_a_look) {
    look_for(5ms);
    const wall_time before = now_;
    now_ += 1min;
    const pg_marks::look one = begin();
    marks_.is_ready(now_ - 30s, now_);
    marks_.found_none_before(one, now_);
    EXPECT_EQ(since(), before - 1s);
    const pg_marks::look another = begin();
    marks_.is_ready(now_, now_); // which it does not pass
    marks_.found_none_before(another, now_);
    EXPECT_EQ(since(), now_ - 1s);
}

TEST_F(postgres_marks, are_each_of_their_queues) {
    look_for(5ms);
    EXPECT_EQ(marks_.for_runs({.kinds = {"mail"}}, now_, elapsed_).since(), the_beginning);
    EXPECT_EQ(marks_.for_jobs(now_, elapsed_).since(), the_beginning);
}

TEST_F(postgres_marks, of_jobs_go_back_to_one_that_wakes) {
    const pg_marks::look one = marks_.for_jobs(now_, elapsed_);
    elapsed_ += 5ms;
    marks_.looked(one, elapsed_);
    marks_.found_none_before(one, now_);
    marks_.is_ready(now_ - 2h, now_);
    EXPECT_EQ(marks_.for_jobs(now_, elapsed_).since(), now_ - 1s);
    marks_.wakes(now_ - 1h, now_);
    EXPECT_EQ(marks_.for_jobs(now_, elapsed_).since(), now_ - 1h);
    elapsed_ += 1s;
    EXPECT_EQ(marks_.take_due(elapsed_)->by(), std::nullopt);
}

TEST_F(postgres_marks, are_nothing_when_the_clock_goes_back) {
    look_for(5ms);
    now_ -= 1min;
    EXPECT_EQ(since(), the_beginning);
}

TEST_F(postgres_marks, are_nothing_to_another_server) {
    marks_.are_of(1);
    look_for(5ms);
    marks_.are_of(1);
    EXPECT_EQ(since(), now_ - 1s);
    const pg_marks::look one = begin();
    marks_.are_of(2);
    marks_.found_none_before(one, now_);
    EXPECT_EQ(since(), the_beginning);
}
