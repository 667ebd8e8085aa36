// Random operations on the timer store against a sorted set, which says what is due, in which
// order, and when next.

#include <loop/timer_store.hpp>

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace {

using cicada::detail::timer;
using cicada::detail::timer_store;

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t year = 31'556'952'000'000'000;

struct probe final : timer {
    void expired(const cicada::detail::expiry&) noexcept override {}
    std::int64_t due = 0;
    std::uint64_t order = 0;
};

struct sooner {
    bool operator()(const probe* a, const probe* b) const {
        return std::tie(a->due, a->order) < std::tie(b->due, b->order);
    }
};

std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b > 0 ? never : std::numeric_limits<std::int64_t>::min();
}

enum class time_line { elapsed, wall };

// The store and the model, side by side; each step checks that they agree.
class pair {
public:
    pair(std::uint64_t seed, time_line line, std::int64_t start, std::size_t most)
        : random_(seed), line_(line), now_(start), store_(start), probes_(most) {
        for (probe& p : probes_) idle_.push_back(&p);
    }

    void step() {
        switch (below(16)) {
        case 0:
            return disarm_some(below(64));
        case 1:
            return expire(next_instant());
        case 2:
            return expire(next_instant());
        case 3:
            return check_next();
        case 4:
            return follow_next();
        case 5:
            return arm_many(below(200));
        default:
            return arm(any_deadline());
        }
    }
    void check_contents() {
        std::set<const probe*> seen;
        store_.for_each([&](timer& t) {
            EXPECT_TRUE(seen.insert(static_cast<probe*>(&t)).second) << "visited twice";
        });
        EXPECT_EQ(seen.size(), model_.size());
        for (const probe* p : model_) EXPECT_TRUE(seen.contains(p));
        for (const probe* p : idle_) EXPECT_FALSE(p->is_armed());
    }
    void finish() {
        check_contents();
        quiet_ = true;
        expire(never);
        EXPECT_TRUE(model_.empty());
        EXPECT_TRUE(store_.empty());
        EXPECT_EQ(store_.next(), std::nullopt);
    }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::int64_t up_to_power(unsigned bits) {
        return static_cast<std::int64_t>(random_() >> 1 >> (63 - below(bits + 1)));
    }

    std::int64_t any_deadline() {
        switch (below(10)) {
        case 0:
            return last_; // equal
        case 1:
            return plus(last_, up_to_power(10)); // a cluster
        case 2:
            return plus(now_, -up_to_power(62)); // past
        case 3:
            return -up_to_power(63); // before the epoch
        case 4:
            return plus(now_, 200 * year + up_to_power(40));
        case 5:
            return plus(never, -static_cast<std::int64_t>(below(3)));
        case 6:
        case 7: { // around the edge of a slot of any level
            const std::int64_t width = std::int64_t{1} << (20 + below(43));
            return plus(plus(plus(now_, -(now_ & (width - 1))), width),
                        static_cast<std::int64_t>(below(5)) - 2);
        }
        default:
            return plus(now_, up_to_power(62));
        }
    }
    std::int64_t next_instant() {
        if (line_ == time_line::wall && below(4) == 0) return plus(now_, -up_to_power(62));
        switch (below(8)) {
        case 0:
            return now_;
        case 1:
            return plus(now_, up_to_power(below(64) == 0 ? 62 : 52)); // a jump, huge at times
        case 2:
            return model_.empty() ? now_ : forwards((*model_.begin())->due);
        case 3:
            return model_.empty() ? now_ : forwards(plus((*model_.begin())->due, -1));
        default:
            return plus(now_, up_to_power(36));
        }
    }
    std::int64_t forwards(std::int64_t instant) const { return std::max(now_, instant); }

    void arm(std::int64_t deadline) {
        if (idle_.empty()) return;
        probe& p = *idle_.back();
        idle_.pop_back();
        p.due = last_ = deadline;
        p.order = ++order_;
        store_.arm(p, deadline);
        model_.insert(&p);
        EXPECT_TRUE(p.is_armed());
    }
    void arm_many(std::uint64_t count) {
        const std::int64_t base = any_deadline();
        const unsigned spread = static_cast<unsigned>(below(34));
        while (count-- > 0) arm(plus(base, up_to_power(spread)));
    }
    void disarm(probe& p) {
        model_.erase(&p);
        store_.disarm(p);
        EXPECT_FALSE(p.is_armed());
        idle_.push_back(&p);
    }
    void disarm_some(std::uint64_t count) {
        while (count-- > 0) {
            probe& p = probes_[below(probes_.size())];
            if (p.is_armed()) disarm(p);
        }
    }

    // Takes what is due and, now and then, arms or disarms, as callbacks do.
    void expire(std::int64_t now) {
        now_ = now;
        const std::uint64_t armed_by = order_;
        const auto first_due = [&] {
            const auto due = std::find_if(model_.begin(), model_.end(), [&](const probe* p) {
                return p->due > now || p->order <= armed_by;
            });
            return due == model_.end() || (*due)->due > now ? nullptr : *due;
        };
        store_.expire(now, [&](timer& given) {
            if (testing::Test::HasFatalFailure()) return;
            probe* const due = first_due();
            ASSERT_NE(due, nullptr) << "not due, or armed meanwhile";
            ASSERT_EQ(&static_cast<probe&>(given), due)
                << "due " << due->due << ", order " << due->order;
            ASSERT_FALSE(given.is_armed());
            idle_.push_back(due);
            model_.erase(due);
            ASSERT_EQ(store_.size(), model_.size());
            if (quiet_) return;
            if (below(8) == 0) arm(any_deadline());
            if (below(8) == 0) disarm_some(3);
        });
        ASSERT_EQ(first_due(), nullptr) << "was not given";
        check_next();
    }
    void check_next() {
        ASSERT_EQ(store_.size(), model_.size());
        const auto next = store_.next();
        ASSERT_EQ(next.has_value(), !model_.empty());
        if (next) {
            ASSERT_LE(*next, (*model_.begin())->due);
        }
    }
    // A driver that sleeps until next() and collects gets to the first timer, after few wake-ups
    // for nothing.
    void follow_next() {
        expire(now_);
        for (int wakes = 0; !model_.empty() && (*model_.begin())->due > now_; ++wakes) {
            ASSERT_LE(wakes, 8);
            const std::int64_t first = (*model_.begin())->due;
            const auto next = store_.next();
            ASSERT_GT(*next, now_) << "a driver would spin";
            if (*next == first) return expire(first);
            now_ = *next;
            store_.expire(now_, [](timer&) { FAIL() << "nothing is due"; });
        }
    }

    std::mt19937_64 random_;
    time_line line_;
    bool quiet_ = false;
    std::int64_t now_;
    std::int64_t last_ = 0;
    std::uint64_t order_ = 0;
    timer_store store_;
    std::set<probe*, sooner> model_;
    std::vector<probe> probes_;
    std::vector<probe*> idle_;
};

void compare(time_line line, std::int64_t start, std::uint64_t seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::size_t most = seed % 5 == 0 ? 20'000 : 300;
    pair both(seed, line, start, most);
    for (int i = 0; i < 1500 && !testing::Test::HasFatalFailure(); ++i) both.step();
    if (!testing::Test::HasFatalFailure()) both.finish();
}

constexpr std::uint64_t seeds = 400;

TEST(timer_store_model, agrees_with_a_sorted_set_on_the_elapsed_time_line) {
    for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
        compare(time_line::elapsed, static_cast<std::int64_t>(seed) * 86'400'000'000'123, seed);
    }
}

TEST(timer_store_model, agrees_with_a_sorted_set_when_the_clock_is_set_back_and_forth) {
    for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
        compare(time_line::wall, 56 * year, seed);
    }
}

TEST(timer_store_model, agrees_with_a_sorted_set_before_the_epoch) {
    for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
        compare(time_line::wall, -200 * year, seed);
    }
}

} // namespace
