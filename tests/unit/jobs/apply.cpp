#include <cicada/jobs.hpp>

#include <jobs/apply.hpp>
#include <jobs/decider.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>

using namespace std::chrono_literals;

namespace {

using cicada::apply_plan;
using cicada::job;
using cicada::detail::check_wanted;
using cicada::detail::decider;
using cicada::detail::job_row;
using cicada::detail::plan_apply;
using cicada::detail::planned;
using testing::ElementsAre;
using testing::IsEmpty;

const cicada::wall_time noon = cicada::parse_instant("2026-03-02T12:00:00Z");

job every_day_at(const std::string& hour, std::string name) {
    return {.name = std::move(name), .when = cicada::cron("0 " + hour + " * * *"), .kind = "k"};
}

/// As a store has it that was told so a day before.
job_row stored(const job& one, const std::string& owner, std::int64_t id = 1) {
    const cicada::detail::new_job made = decider::make({one}, owner, noon - 24h);
    return {.id = cicada::detail::job_id{id},
            .name = made.name,
            .owner = made.owner,
            .revision = 7,
            .definition = made.definition,
            .zones = made.zones,
            .created_at = noon - 24h,
            .at = made.at};
}

planned plan(const std::vector<job>& jobs, const std::vector<job_row>& there) {
    return plan_apply(check_wanted("us", jobs), there, noon);
}

std::string refusal(const std::vector<job>& jobs, const std::vector<job_row>& there = {},
                    const std::string& owner = "us") {
    try {
        plan_apply(check_wanted(owner, jobs), there, noon);
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "taken";
}

TEST(apply_plan, creates_what_is_not_there) {
    const planned made = plan({every_day_at("7", "b"), every_day_at("8", "a")}, {});
    EXPECT_EQ(made.plan.text(), "+ a\n+ b\n");
    ASSERT_EQ(made.creates.size(), 2u);
    EXPECT_EQ(made.creates[0].name, "a");
    EXPECT_EQ(made.creates[0].owner, "us");
    EXPECT_THAT(made.steps, IsEmpty());
}

TEST(apply_plan, leaves_alone_what_is_as_it_was_also_when_an_instant_of_it_is_due) {
    const job daily = every_day_at("7", "daily"); // due five hours ago
    const planned made = plan({daily}, {stored(daily, "us")});
    EXPECT_EQ(made.plan.text(), "");
    ASSERT_EQ(made.plan.jobs.size(), 1u);
    EXPECT_EQ(made.plan.jobs[0].what, apply_plan::action::keep);
    EXPECT_THAT(made.creates, IsEmpty());
    EXPECT_THAT(made.steps, IsEmpty());
}

TEST(apply_plan, says_of_an_update_what_differs) {
    job before{.name = "poll", .when = cicada::interval(5min), .kind = "poll"};
    job after = before;
    after.when = cicada::interval(10min);
    after.retry.max = 3;
    const planned made = plan({after}, {stored(before, "us")});
    EXPECT_EQ(made.plan.text(),
              "~ poll  retry: default -> {\"max\":3}, when: \"every 5m\" -> \"every 10m\"\n");
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_EQ(made.steps[0].revision, 7u);
    EXPECT_TRUE(made.steps[0].definition);

    before.arguments = '"' + std::string(5000, 'x') + '"';
    EXPECT_LT(plan({after}, {stored(before, "us")}).plan.text().size(), 300u);
}

TEST(apply_plan, of_an_edit_decides_by_the_old_schedule_what_was_due_and_counts_from_now) {
    const planned made =
        plan({every_day_at("10", "daily")}, {stored(every_day_at("7", "daily"), "us")});
    ASSERT_EQ(made.steps.size(), 1u);
    const cicada::detail::step& edit = made.steps[0];
    ASSERT_EQ(edit.begins.size(), 1u); // that of 07:00, as one run is caught up with
    EXPECT_EQ(edit.begins[0].of.nominal, noon - 5h);
    EXPECT_EQ(edit.at.decided, noon);
    EXPECT_EQ(edit.at.wake_at, noon + 22h)
        << "tomorrow at 10:00, and not today's, which has passed";
}

TEST(apply_plan, removes_what_is_not_wanted_any_more) {
    const planned made = plan({}, {stored(every_day_at("7", "old"), "us")});
    EXPECT_EQ(made.plan.text(), "- old\n");
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_EQ(made.steps[0].at.wake_at, std::nullopt);

    job_row removed = stored(every_day_at("7", "old"), "us");
    removed.at = made.steps[0].at;
    EXPECT_EQ(plan({}, {removed}).plan.text(), "") << "once";
}

TEST(apply_plan, brings_back_what_was_removed_also_by_another_owner) {
    job_row row = stored(every_day_at("7", "old"), "them");
    decider removes(row);
    removes.remove(noon - 1h);
    row.at = removes.take_step(cicada::detail::node_id::none).at;

    const planned made = plan({every_day_at("7", "old")}, {row});
    EXPECT_EQ(made.plan.text(), "+ old\n");
    EXPECT_THAT(made.creates, IsEmpty()) << "its history is there";
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_EQ(made.steps[0].owner, "us");
    EXPECT_EQ(made.steps[0].at.life, cicada::life::active);
    EXPECT_EQ(made.steps[0].at.wake_at, noon + 19h);
    EXPECT_THAT(made.steps[0].begins, IsEmpty()) << "the morning was before it came back";
}

TEST(apply_plan, leaves_the_jobs_of_other_owners_alone) {
    const job mine = every_day_at("7", "mine");
    EXPECT_EQ(refusal({mine}, {stored(mine, "them")}),
              "cicada: job \"mine\" belongs to owner \"them\", so \"us\" cannot apply it");
}

TEST(apply_plan, refuses_two_of_one_name_and_owners_that_are_none) {
    EXPECT_EQ(refusal({every_day_at("7", "x"), every_day_at("8", "y"), every_day_at("9", "x")}),
              "cicada: two jobs have the name \"x\"");
    EXPECT_EQ(refusal({}, {}, ""), "cicada: jobs need an `owner`, who applies them");
    EXPECT_EQ(refusal({}, {}, std::string(201, 'x')),
              "cicada: apply: `owner` has 201 bytes; write at most 200");
    EXPECT_EQ(refusal({}, {}, "a\xff"), "cicada: apply: `owner` has a NUL, or what is no UTF-8, at "
                                        "byte 1; write it in UTF-8");
    job unnamed = every_day_at("7", "");
    EXPECT_EQ(refusal({unnamed}), "cicada: a job needs a `name`, which is its identity");
}

TEST(apply_plan, that_is_outdated_says_so) {
    apply_plan outdated;
    outdated.is_outdated = true;
    EXPECT_EQ(outdated.text(), "a later revision was applied before: nothing is changed\n");
}

} // namespace
