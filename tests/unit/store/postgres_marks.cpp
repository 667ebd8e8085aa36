#include <store/postgres/marks.hpp>

#include <gtest/gtest.h>

using namespace cicada::detail;
using cicada::elapsed_time;
using cicada::wall_time;
using namespace std::chrono_literals;

namespace {

class postgres_marks : public testing::Test {
protected:
    std::optional<wall_time> since() { return marks_.since(queues_, now_, elapsed_); }
    void look_for(std::chrono::nanoseconds time) {
        const elapsed_time from = elapsed_;
        elapsed_ += time;
        marks_.looked(queues_, from, elapsed_);
    }

    pg_marks marks_;
    const std::vector<queue> queues_{{"mail", ""}, {"mail", "eu"}};
    wall_time now_{1'000'000s};
    elapsed_time elapsed_{50s};
};

} // namespace

TEST_F(postgres_marks, begin_at_the_beginning) { EXPECT_EQ(since(), std::nullopt); }

TEST_F(postgres_marks, are_not_used_where_a_look_at_all_is_quick) {
    marks_.claimed(queues_, now_);
    look_for(1ms);
    EXPECT_EQ(since(), std::nullopt);
}

TEST_F(postgres_marks, stand_a_second_before_what_was_claimed) {
    marks_.claimed(queues_, now_);
    look_for(5ms);
    EXPECT_EQ(since(), now_ - 1s);
}

TEST_F(postgres_marks, are_passed_over_each_second) {
    marks_.claimed(queues_, now_);
    look_for(5ms);
    elapsed_ += 999ms;
    EXPECT_EQ(since(), now_ - 1s);
    elapsed_ += 1ms;
    EXPECT_EQ(since(), std::nullopt);
}

TEST_F(postgres_marks, are_passed_over_for_a_hundredth_of_the_time) {
    marks_.claimed(queues_, now_);
    look_for(3s);
    elapsed_ += 299s;
    EXPECT_EQ(since(), now_ - 1s);
    elapsed_ += 1s;
    EXPECT_EQ(since(), std::nullopt);
}

TEST_F(postgres_marks, go_back_to_what_becomes_ready) {
    marks_.claimed(queues_, now_);
    look_for(5ms);
    marks_.is_ready(now_ - 1h);
    marks_.is_ready(now_);
    EXPECT_EQ(since(), now_ - 1h);
}

TEST_F(postgres_marks, are_each_of_their_queues) {
    marks_.claimed(queues_, now_);
    look_for(5ms);
    EXPECT_EQ(marks_.since({{"mail", ""}}, now_, elapsed_), std::nullopt);
}

TEST_F(postgres_marks, are_forgotten_with_what_was_claimed) {
    marks_.claimed(queues_, now_);
    look_for(5ms);
    marks_.forget();
    EXPECT_EQ(since(), std::nullopt);
}

TEST_F(postgres_marks, are_nothing_when_the_clock_goes_back) {
    marks_.claimed(queues_, now_);
    look_for(5ms);
    now_ -= 1min;
    EXPECT_EQ(since(), std::nullopt);
}
