#include <cicada/async/channel.hpp>

#include <memory>
#include <string>

#include <cicada/async/spawn.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;
using support::counted;

namespace {

task<> produce(channel<int>& c, int from, int to) {
    for (int i = from; i < to; ++i) co_await c.send(i);
}
task<> consume(channel<int>& c, std::vector<int>& got) {
    while (const auto n = co_await c.receive()) got.push_back(*n);
}

TEST(channel, refuses_a_capacity_beyond_all_memory) {
    for (const std::size_t capacity : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2}) {
        EXPECT_THROW(channel<int>{capacity}, std::invalid_argument) << capacity;
    }
}

} // namespace

class channel_of_capacity : public ::testing::TestWithParam<std::size_t> {};

TEST_P(channel_of_capacity, passes_every_value_once_and_in_order) {
    bare on;
    channel<int> c(GetParam());
    EXPECT_EQ(c.capacity(), GetParam());
    std::vector<int> got;
    const auto consumer = spawn(consume(c, got));
    on.run([&]() -> task<> {
        co_await produce(c, 0, 100);
        c.close();
    });
    std::vector<int> all(100);
    for (int i = 0; i < 100; ++i) all[static_cast<std::size_t>(i)] = i;
    EXPECT_EQ(got, all);
    EXPECT_TRUE(consumer.has_ended());
}

TEST_P(channel_of_capacity, makes_senders_wait_while_it_is_full) {
    bare on;
    channel<int> c(GetParam());
    const auto producer = spawn(produce(c, 0, 100));
    on.settle();
    EXPECT_EQ(c.size(), GetParam());
    EXPECT_FALSE(c.try_send(-1));
    EXPECT_EQ(c.try_receive(), 0);
    on.settle();
    EXPECT_EQ(c.size(), GetParam()) << "the next sender took the place";
}

TEST_P(channel_of_capacity, hands_values_to_receivers_in_the_order_in_which_they_came) {
    bare on;
    channel<int> c(GetParam());
    std::string log;
    const auto receive = [&](const char* name) -> task<> {
        const auto n = co_await c.receive();
        log += name + std::to_string(*n) + " ";
    };
    const auto a = spawn(receive, "a");
    const auto b = spawn(receive, "b");
    on.settle();
    const auto producer = spawn(produce(c, 0, 2));
    on.settle();
    EXPECT_EQ(log, "a0 b1 ");
}

TEST_P(channel_of_capacity, drained_after_close_gives_nothing) {
    bare on;
    channel<int> c(GetParam());
    on.run([&]() -> task<> {
        for (std::size_t i = 0; i < c.capacity(); ++i) co_await c.send(static_cast<int>(i));
        c.close();
        EXPECT_TRUE(c.is_closed());
        for (std::size_t i = 0; i < c.capacity(); ++i)
            EXPECT_EQ(co_await c.receive(), static_cast<int>(i));
        EXPECT_EQ(co_await c.receive(), std::nullopt);
        EXPECT_EQ(co_await c.receive(), std::nullopt);
    });
}

INSTANTIATE_TEST_SUITE_P(capacities, channel_of_capacity, ::testing::Values(0u, 1u, 3u, 64u),
                         [](const auto& given) { return std::to_string(given.param); });

TEST(channel, of_capacity_0_hands_over_directly) {
    bare on;
    channel<int> c(0);
    EXPECT_FALSE(c.try_send(1)) << "nobody is there to take it";
    EXPECT_EQ(c.try_receive(), std::nullopt);
    std::vector<int> got;
    const auto consumer = spawn(consume(c, got));
    on.settle();
    EXPECT_TRUE(c.try_send(2));
    on.settle();
    EXPECT_EQ(got, std::vector<int>{2});
}

TEST(channel, carries_move_only_values_and_leaves_one_that_it_refused) {
    bare on;
    channel<std::unique_ptr<int>> c(1);
    on.run([&]() -> task<> {
        co_await c.send(std::make_unique<int>(1));
        auto more = std::make_unique<int>(2);
        EXPECT_FALSE(c.try_send(more));
        EXPECT_EQ(*more, 2);
        EXPECT_EQ(*(co_await c.receive()).value(), 1);
    });
}

TEST(channel, once_closed_refuses_values_also_of_those_who_wait) {
    bare on;
    channel<int> c(1);
    std::string log;
    const auto producer = spawn([&]() -> task<> {
        co_await c.send(1);
        try {
            co_await c.send(2);
        } catch (const closed_error&) {
            log += "refused";
        }
    });
    on.settle();
    c.close();
    on.settle();
    EXPECT_EQ(log, "refused");
    EXPECT_THROW(c.try_send(3), closed_error);
    on.run([&]() -> task<> {
        EXPECT_THROW(co_await c.send(3), closed_error);
        EXPECT_EQ(co_await c.receive(), 1);
        EXPECT_EQ(co_await c.receive(), std::nullopt);
    });
}

TEST(channel, sent_nothing_when_send_was_cancelled) {
    bare on;
    channel<int> c(0);
    const auto producer = spawn(produce(c, 1, 2));
    on.settle();
    producer.cancel();
    EXPECT_EQ(c.try_receive(), std::nullopt);
    on.settle();
    EXPECT_TRUE(producer.has_ended());
}

TEST(channel, took_nothing_when_receive_was_cancelled) {
    bare on;
    channel<int> c(1);
    std::vector<int> got;
    const auto consumer = spawn(consume(c, got));
    on.settle();
    consumer.cancel();
    EXPECT_TRUE(c.try_send(1));
    on.settle();
    EXPECT_TRUE(got.empty());
    EXPECT_EQ(c.try_receive(), 1);
}

TEST(channel, delivers_a_value_that_was_handed_over_before_the_request) {
    bare on;
    channel<int> c(1);
    std::vector<int> got;
    const auto consumer = spawn(consume(c, got));
    on.settle();
    EXPECT_TRUE(c.try_send(1));
    consumer.cancel();
    on.settle();
    EXPECT_EQ(got, std::vector<int>{1});
    EXPECT_TRUE(consumer.has_ended());
}

namespace {

/// Can be moved so many times.
struct fragile {
    explicit fragile(int v) noexcept : value(v) {}
    fragile(fragile&& other) : value(other.value) {
        if (moves_left == 0) throw std::runtime_error("it broke");
        --moves_left;
    }
    fragile& operator=(fragile&&) = delete;
    int value;
    static inline int moves_left = 0;
};

} // namespace

TEST(channel, loses_nothing_but_the_value_whose_move_throws) {
    bare on;
    channel<fragile> c(1);
    std::vector<int> got;
    const auto consumer = spawn([&]() -> task<> {
        while (const auto one = co_await c.receive()) got.push_back(one->value);
    });
    on.settle();
    fragile first(1);
    fragile::moves_left = 0;
    EXPECT_THROW(c.try_send(first), std::runtime_error);
    on.settle();
    EXPECT_FALSE(consumer.has_ended()) << "nothing has come";
    fragile::moves_left = 100;
    EXPECT_TRUE(c.try_send(first));
    on.settle();
    EXPECT_EQ(got, std::vector<int>{1});
    consumer.cancel();
    on.settle();

    EXPECT_TRUE(c.try_send(fragile(2)));
    const auto sender = spawn([&]() -> task<> { co_await c.send(fragile(3)); });
    on.settle();
    fragile::moves_left = 0;
    EXPECT_THROW(c.try_receive(), std::runtime_error);
    on.settle();
    EXPECT_FALSE(sender.has_ended());
    fragile::moves_left = 100;
    EXPECT_EQ(c.try_receive()->value, 2);
    EXPECT_EQ(c.try_receive()->value, 3);
    on.settle();
    EXPECT_TRUE(sender.has_ended());
}

TEST(channel, destroys_what_is_left_in_it) {
    bare on;
    int alive = 0;
    {
        channel<counted> c(4);
        EXPECT_TRUE(c.try_send(counted(alive)));
        EXPECT_TRUE(c.try_send(counted(alive)));
        EXPECT_EQ(alive, 2);
        c.try_receive();
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}
