#include <loop/inbox.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <cicada/base/pool.hpp>

using cicada::detail::inbox;
using cicada::detail::make_work;
using cicada::detail::post_chain;
using cicada::detail::small_call;
using testing::ElementsAre;

namespace {

template <class F>
void push(post_chain& to, F f) {
    using small = small_call<F>;
    static_assert(small::fits);
    to.push(small::put, sizeof(small), &f);
}
/// As another thread: true, and the loop was woken.
template <class F>
bool push(inbox& to, F f) {
    using small = small_call<F>;
    static_assert(small::fits);
    if (!to.push(small::put, sizeof(small), &f)) return false;
    to.has_woken();
    return true;
}
template <class F>
bool push_work(inbox& to, F f) {
    if (!to.push(*make_work(std::move(f)))) return false;
    to.has_woken();
    return true;
}

/// How many of them threw.
int run(inbox& of) {
    int thrown = 0;
    of.run([&](auto call) {
        try {
            call();
        } catch (const std::runtime_error&) {
            ++thrown;
        }
    });
    return thrown;
}

TEST(inbox, runs_in_order_and_what_the_loop_itself_posted_first) {
    inbox box(false);
    std::vector<int> order;
    const auto note = [&order](int n) { return [&order, n] { order.push_back(n); }; };
    push(box, note(3));
    push_work(box, note(4)); // a record: there is room
    push(box, note(5));
    push(box.local(), note(1));
    box.local().push(*make_work(note(2)));
    run(box);
    EXPECT_THAT(order, ElementsAre(1, 2, 3, 4, 5));
    order.clear();
    push_work(box, note(1)); // linked: there is no chunk yet
    push_work(box, note(2));
    push(box, note(3));
    run(box);
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
    EXPECT_TRUE(box.empty());
}

TEST(inbox, leaves_what_is_posted_meanwhile_to_the_next_time) {
    inbox box(false);
    std::vector<std::string> order;
    push(box, [&] {
        order.push_back("other");
        push(box, [&] { order.push_back("other of other"); });
        push(box.local(), [&] { order.push_back("local of other"); });
    });
    run(box);
    EXPECT_THAT(order, ElementsAre("other"));
    EXPECT_FALSE(box.empty());
    run(box);
    EXPECT_THAT(order, ElementsAre("other", "local of other", "other of other"));
}

TEST(inbox, asks_for_one_wake_up_between_two_sleeps_or_for_one_with_each_post) {
    inbox box(false);
    const auto nothing = [] {};
    EXPECT_TRUE(push(box, nothing)) << "it is asleep at first";
    EXPECT_FALSE(push(box, nothing));
    EXPECT_FALSE(box.sleep()) << "there is something to run";
    run(box);
    EXPECT_FALSE(push(box, nothing)) << "it has not slept since";
    run(box);
    push(box.local(), nothing);
    EXPECT_TRUE(box.sleep()) << "only others wake it";
    EXPECT_TRUE(push_work(box, nothing));
    run(box);
    EXPECT_TRUE(box.sleep());
    run(box);
    EXPECT_FALSE(push(box, nothing)) << "a turn for nothing ends the sleep as well";
    run(box);

    inbox eager(true);
    EXPECT_TRUE(push(eager, nothing));
    EXPECT_TRUE(push(eager, nothing));
    run(eager);
    EXPECT_TRUE(push(eager, nothing));
    run(eager);
}

TEST(inbox, goes_on_after_a_call_that_throws_and_destroys_each) {
    inbox box(false);
    const auto held = std::make_shared<int>();
    int ran = 0;
    for (int i = 0; i < 1000; ++i) {
        push(box, [&ran, held, i] {
            ++ran;
            if (i % 3 == 0) throw std::runtime_error("no toner");
        });
        if (i % 7 == 0) push_work(box, [held] { throw std::runtime_error("no paper"); });
    }
    EXPECT_EQ(run(box), 334 + 143);
    EXPECT_EQ(ran, 1000);
    EXPECT_EQ(held.use_count(), 1);
}

/// Calls of many sizes and kinds, a few or many at a time, against a list of numbers.
TEST(inbox, keeps_the_order_of_whatever_comes) {
    std::mt19937 random(7);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    const auto before = cicada::detail::pool_live_blocks();
    {
        inbox box(false);
        std::vector<int> locals;
        std::vector<int> others;
        std::vector<int> ran;
        int next = 0;
        const auto post = [&] {
            const int n = next++;
            const auto note = [&ran, n] { ran.push_back(n); };
            const auto large = [&ran, n, fill = std::array<char, 112>()] {
                ran.push_back(n + fill[0]);
            };
            const auto owning = [&ran, n = std::make_shared<int>(n)] { ran.push_back(*n); };
            const unsigned kind = below(7);
            if (kind < 3) (kind == 0 ? others : locals).push_back(n);
            if (kind >= 3) others.push_back(n);
            if (kind == 0) push(box, note);
            if (kind == 1) push(box.local(), large);
            if (kind == 2) box.local().push(*make_work(note));
            if (kind == 3) push(box, large);
            if (kind == 4) push(box, owning);
            if (kind >= 5) push_work(box, owning);
        };
        for (int round = 0; round < 2000; ++round) {
            for (unsigned left = below(10) == 0 ? below(400) : below(4); left > 0; --left) post();
            run(box);
            locals.insert(locals.end(), others.begin(), others.end());
            ASSERT_EQ(ran, locals);
            ran.clear();
            locals.clear();
            others.clear();
        }
    }
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(inbox, keeps_a_few_chunks_after_a_burst) {
    const auto before = cicada::detail::pool_live_blocks();
    {
        inbox box(false);
        for (int i = 0; i < 100'000; ++i) push(box, [] {});
        EXPECT_GT(cicada::detail::pool_live_blocks(), before + 10 * post_chain::most_kept);
        run(box);
        EXPECT_EQ(cicada::detail::pool_live_blocks(), before + post_chain::most_kept);
    }
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

} // namespace
