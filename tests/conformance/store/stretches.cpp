#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

namespace {

constexpr wall_time ever = wall_time::min();
constexpr wall_time never = wall_time::max();

class stretches : public any_store {
protected:
    job_id id = create("a");

    void put(std::vector<stretch> rows) {
        step one = of(id);
        one.stretches = std::move(rows);
        ASSERT_EQ(take(one).is, verdict::taken);
    }
    std::vector<stretch> between(wall_time from, wall_time until) {
        return read([&](reading& in) { return in.stretches(id, from, until); });
    }
    std::vector<stretch> all() { return between(ever, never); }
    stretch missed(duration first, duration last, std::uint64_t count) {
        return {.kind = decision::kind::missed,
                .first = now + first,
                .last = now + last,
                .count = count};
    }
    static stretch after(stretch row, const stretch& before) {
        row.follows = before.last;
        return row;
    }
};

INSTANTIATE_TEST_SUITE_P(stores, stretches, testing::ValuesIn(kinds_of_store()),
                         [](const auto& kind) { return std::string(kind.param.name); });

} // namespace

TEST_P(stretches, a_stretch_is_kept_as_it_is) {
    const stretch one{.kind = decision::kind::skipped_overlap,
                      .epoch = 7,
                      .first = now - 1h,
                      .last = now,
                      .count = 61,
                      .is_at_least = true,
                      .into = now + 5ns,
                      .because_of = run_id{77},
                      .note = "a note"};
    put({one});
    reopen();
    EXPECT_THAT(all(), ElementsAre(one));
}

TEST_P(stretches, stretches_that_follow_are_joined) { // D16
    const stretch a = missed(0s, 10s, 3);
    const stretch b = missed(15s, 20s, 2);
    const stretch c = missed(25s, 25s, 1);
    put({a});
    put({after(b, a)});
    EXPECT_THAT(all(), ElementsAre(missed(0s, 20s, 5)));
    put({after(c, b)});
    reopen();
    EXPECT_THAT(all(), ElementsAre(missed(0s, 25s, 6)));
}

TEST_P(stretches, stretches_of_one_step_are_joined_too) {
    const stretch a = missed(0s, 10s, 3);
    const stretch b = missed(15s, 20s, 2);
    put({a, after(b, a), after(missed(25s, 30s, 2), b)});
    EXPECT_THAT(all(), ElementsAre(missed(0s, 30s, 7)));
}

TEST_P(stretches, two_weeks_of_an_instant_each_5_s_are_one_row) { // D16
    stretch last = missed(0s, 0s, 1);
    put({last});
    for (int i = 1; i < 200; ++i) {
        const stretch one = after(missed(i * 5s, i * 5s, 1), last);
        put({one});
        last = one;
    }
    EXPECT_THAT(all(), ElementsAre(missed(0s, 995s, 200)));
}

TEST_P(stretches, what_does_not_say_what_it_follows_is_not_joined) {
    put({missed(0s, 10s, 3)});
    put({missed(15s, 20s, 2)});
    EXPECT_THAT(all(), ElementsAre(missed(0s, 10s, 3), missed(15s, 20s, 2)));
}

TEST_P(stretches, what_follows_another_instant_is_not_joined) {
    put({missed(0s, 10s, 3)});
    stretch later_one = missed(15s, 20s, 2);
    for (const duration off : {10s + 1ns, 10s - 1ns, 0s + 0ns}) {
        later_one.follows = now + off;
        put({later_one});
        later_one.first += 1ns;
    }
    ASSERT_EQ(all().size(), 4u);
    for (const stretch& row : all()) EXPECT_EQ(row.follows, std::nullopt) << "that is not kept";
}

TEST_P(stretches, stretches_of_different_kinds_are_not_joined) {
    stretch before = missed(0s, 10s, 3);
    put({before});
    int different = 0;
    const auto put_after = [&](auto change) {
        stretch row = missed(15s, 20s, 2);
        row.first += different * 1ns;
        change(row);
        row.follows = before.last;
        put({row});
        ++different;
    };
    put_after([](stretch& row) { row.kind = decision::kind::excluded; });
    put_after([](stretch& row) { row.epoch = 1; });
    put_after([&](stretch& row) { row.into = now; });
    put_after([](stretch& row) { row.because_of = run_id{1}; });
    put_after([](stretch& row) { row.note = "n"; });
    EXPECT_EQ(all().size(), 6u);
    EXPECT_EQ(all().at(0), before);
    put_after([](stretch&) {});
    EXPECT_EQ(all().size(), 6u);
    EXPECT_EQ(all().at(0).count, 5u);
}

TEST_P(stretches, each_of_what_makes_a_kind_is_compared_also_when_it_is_there) {
    stretch before = missed(0s, 10s, 3);
    before.into = now + 1h;
    before.because_of = run_id{3};
    before.note = "n";
    put({before});
    stretch next = missed(15s, 20s, 2);
    next.into = now + 1h + 1ns;
    next.because_of = run_id{3};
    next.note = "n";
    next.follows = before.last;
    put({next});
    EXPECT_EQ(all().size(), 2u);
    next.into = before.into;
    put({next});
    EXPECT_EQ(all().size(), 2u);
    EXPECT_EQ(all().at(0).count, 5u);
}

TEST_P(stretches, of_joined_stretches_the_count_is_at_least_if_one_is) {
    stretch a = missed(0s, 10s, 3);
    a.is_at_least = true;
    put({a});
    put({after(missed(15s, 20s, 2), a)});
    EXPECT_TRUE(all().at(0).is_at_least);
    stretch b = missed(40s, 50s, 3);
    put({b});
    stretch c = after(missed(55s, 60s, 2), b);
    c.is_at_least = true;
    put({c});
    ASSERT_EQ(all().size(), 2u);
    EXPECT_TRUE(all().at(1).is_at_least);
}

TEST_P(stretches, a_stretch_of_another_job_is_not_joined_and_not_found) {
    const stretch a = missed(0s, 10s, 3);
    put({a});
    const job_id first = std::exchange(id, create("b"));
    put({after(missed(15s, 20s, 2), a)});
    EXPECT_EQ(all().size(), 1u);
    id = first;
    EXPECT_THAT(all(), ElementsAre(a));
    id = job_id{99};
    EXPECT_THAT(all(), IsEmpty());
}

TEST_P(stretches, stretches_are_found_that_touch_a_range_that_does_not_include_its_end) {
    put({missed(10s, 20s, 3), missed(30s, 30s, 1)});
    const auto count = [&](duration from, duration until) {
        return between(now + from, now + until).size();
    };
    EXPECT_EQ(count(0s, 10s), 0u);
    EXPECT_EQ(count(0s, 10s + 1ns), 1u);
    EXPECT_EQ(count(15s, 15s + 1ns), 1u) << "an instant inside";
    EXPECT_EQ(count(20s, 30s), 1u);
    EXPECT_EQ(count(20s + 1ns, 30s), 0u);
    EXPECT_EQ(count(20s, 30s + 1ns), 2u);
    EXPECT_EQ(count(30s, 31s), 1u);
    EXPECT_EQ(count(30s + 1ns, 1h), 0u);
}

TEST_P(stretches, stretches_come_by_their_first_instant_and_then_as_they_were_written) {
    stretch a = missed(30s, 40s, 3);
    stretch b = missed(10s, 90s, 3);
    stretch c = missed(30s, 35s, 3);
    c.epoch = 1;
    stretch d = missed(0s, 5s, 3);
    d.epoch = 2;
    put({a, b});
    put({c, d});
    EXPECT_THAT(all(), ElementsAre(d, b, a, c));
}

TEST_P(stretches, a_stretch_may_reach_over_all_of_time) {
    const stretch one{.first = ever, .last = never, .count = 1u << 31};
    put({one});
    EXPECT_THAT(all(), ElementsAre(one));
    EXPECT_THAT(between(now, now + 1ns), ElementsAre(one));
    stretch last = missed(0s, 0s, 1);
    last.first = last.last = never - 1ns;
    put({last});
    EXPECT_EQ(all().size(), 2u);
}
