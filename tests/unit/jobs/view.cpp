#include <jobs/view.hpp>

#include <gmock/gmock.h>

#include <cicada/cicada.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using detail::job_id;
using detail::job_row;
using detail::view;

namespace {

const wall_time start = parse_instant("2026-01-01T00:00:00Z");

/// Wakes so long after the start, each hour.
job_row row_of(std::int64_t id, duration first, std::uint64_t revision = 1) {
    const job one{.name = "job" + std::to_string(id),
                  .when = interval(1h),
                  .kind = "work",
                  .first = start + first};
    const auto made = detail::decider::make({one, std::nullopt}, "owner", start);
    job_row row;
    row.id = job_id{id};
    row.name = made.name;
    row.revision = revision;
    row.definition = made.definition;
    row.zones = made.zones;
    row.at = made.at;
    return row;
}
void put(view& in, const job_row& row) { in.look(in.put(row, "here")); }

} // namespace

TEST(view, gives_what_is_due_in_order) {
    view v;
    put(v, row_of(1, 30s));
    put(v, row_of(2, 10s));
    put(v, row_of(3, 20s));
    EXPECT_EQ(v.next(), start + 10s);
    EXPECT_EQ(v.take_due(start + 9s), nullptr);
    EXPECT_EQ(v.take_due(start + 20s)->job.id(), job_id{2});
    EXPECT_EQ(v.take_due(start + 20s)->job.id(), job_id{3});
    EXPECT_EQ(v.take_due(start + 20s), nullptr);
    EXPECT_EQ(v.next(), start + 30s);
}

TEST(view, looks_later_where_it_gives_way_or_was_put_off) {
    view v;
    auto& one = v.put(row_of(1, 10s), "here");
    one.gives_way = 50ms;
    v.look(one);
    EXPECT_EQ(v.next(), start + 10s + 50ms);
    v.put_off(one, start + 5s); // which is before that
    EXPECT_EQ(v.next(), start + 10s + 50ms);
    v.put_off(one, start + 1min);
    EXPECT_EQ(v.next(), start + 1min);
}

TEST(view, knows_what_it_has_in_that_revision) {
    view v;
    put(v, row_of(1, 10s));
    put(v, row_of(2, 10s));
    EXPECT_TRUE(v.knows({job_id{1}, 1, start}));
    EXPECT_FALSE(v.knows({job_id{2}, 2, start}));
    EXPECT_FALSE(v.knows({job_id{3}, 1, start}));
}

TEST(view, does_not_ask_again_for_a_revision_that_cannot_be_read) {
    view v;
    job_row bad = row_of(1, 10s);
    bad.definition = "{";
    EXPECT_THROW(v.put(bad, "here"), store_error);
    EXPECT_EQ(v.find(job_id{1}), nullptr);
    EXPECT_EQ(v.next(), std::nullopt);
    EXPECT_TRUE(v.knows({job_id{1}, 1, start}));
    EXPECT_FALSE(v.knows({job_id{1}, 2, start}));
}

TEST(view, keeps_what_is_soon_or_needed) {
    view v;
    put(v, row_of(1, 10s));
    put(v, row_of(2, 1h));
    put(v, row_of(3, 1h));
    auto& gives_way = v.put(row_of(4, 59s), "here");
    gives_way.gives_way = 5min;
    v.look(gives_way);
    v.keep(start + 1min, {job_id{3}});
    EXPECT_NE(v.find(job_id{1}), nullptr);
    EXPECT_EQ(v.find(job_id{2}), nullptr);
    EXPECT_NE(v.find(job_id{3}), nullptr);
    ASSERT_NE(v.find(job_id{4}), nullptr);
    EXPECT_EQ(v.take_due(start + 2h)->job.id(), job_id{1});
    EXPECT_EQ(v.take_due(start + 2h)->job.id(), job_id{4}); // it wakes before that
    EXPECT_EQ(v.take_due(start + 2h)->job.id(), job_id{3});
    EXPECT_EQ(v.take_due(start + 2h), nullptr);
}
