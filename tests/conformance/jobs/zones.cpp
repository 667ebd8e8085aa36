// The rules of time zones change: D3.

#include <conformance/jobs/any_jobs.hpp>
#include <jobs/decider.hpp>
#include <support/tz_directory.hpp>

using namespace conformance_of_jobs;

namespace {

/// Two zones of a tz database that is there as long as this is.
struct moved_zones {
    moved_zones() { are("2026a", "AAA-1", "AAA-1"); }
    void are(const char* version, const char* sooner, const char* later) const {
        tz.write("tzdata.zi", std::string("# version ") + version + '\n');
        tz.write_zone("Test/Sooner", sooner);
        tz.write_zone("Test/Later", later);
        reload_tz();
    }
    const support::tz_directory tz;
};

/// All of them come at 13:00.
std::vector<job> daily_jobs() {
    std::vector<job> all;
    all.push_back({.name = "sooner", .when = cron("0 14 * * *", "Test/Sooner"), .kind = "work"});
    all.push_back({.name = "later", .when = cron("0 14 * * *", "Test/Later"), .kind = "work"});
    all.push_back({.name = "fixed", .when = cron("0 13 * * *", "UTC"), .kind = "work"});
    return all;
}

} // namespace

TEST_P(any_jobs, a_pending_instant_moves_with_the_rules_of_its_zone_as_a_worker_starts_anew) {
    const moved_zones zones;
    at("2026-03-01T00:00:00Z", [&]() -> task<> {
        poll = 1min;
        co_await store().apply("us", daily_jobs());
        co_await come();
        co_await sleep(11h);
        co_await go_away();
        zones.are("2026b", "BBB-2", "CCC0");
        co_await come();
        co_await sleep(24h);
        const auto sooner = co_await nominals("sooner");
        EXPECT_THAT(sooner, ElementsAre(12h));
        const auto later = co_await nominals("later");
        EXPECT_THAT(later, ElementsAre(14h));
        const auto fixed = co_await nominals("fixed");
        EXPECT_THAT(fixed, ElementsAre(13h));
    });
    EXPECT_THAT(errors, IsEmpty());
}

TEST_P(any_jobs, a_pending_instant_moves_with_the_rules_of_its_zone_while_a_worker_is_there) {
    const moved_zones zones;
    at("2026-03-01T00:00:00Z", [&]() -> task<> {
        poll = 1min;
        co_await store().apply("us", daily_jobs());
        co_await come();
        co_await sleep(11h);
        zones.are("2026b", "BBB-2", "CCC0");
        co_await sleep(24h);
        EXPECT_THAT(starts, ElementsAre(12h, 13h, 14h));
    });
    EXPECT_THAT(errors, IsEmpty());
}

TEST_P(any_jobs, who_has_newer_rules_of_a_zone_decides_and_others_may_run_it) {
    const moved_zones zones;
    at("2026-03-01T11:59:00Z", [&]() -> task<> {
        poll = 10s;
        zones.are("2026b", "BBB-2", "AAA-1"); // at 12:00
        co_await add(daily_jobs().at(0));
        zones.are("2026a", "AAA-1", "AAA-1"); // at 13:00
        auto& link = store().access().link();
        auto entered = link.write([](detail::writing& in) { return in.enter({}, 48h); });
        const detail::node_id newer = co_await entered;
        co_await come();
        co_await sleep(70s);
        EXPECT_THAT(starts, IsEmpty());
        auto decided = link.write([&](detail::writing& in) {
            zones.are("2026b", "BBB-2", "AAA-1");
            detail::decider one(in.jobs({.names = {"sooner"}}).at(0));
            one.due(in.now());
            const detail::step_result made = in.take(one.take_step(newer));
            zones.are("2026a", "AAA-1", "AAA-1");
            return made.is;
        });
        const detail::verdict made = co_await decided;
        EXPECT_EQ(made, detail::verdict::taken);
        co_await sleep(2h);
        const auto ran = co_await nominals("sooner");
        EXPECT_THAT(ran, ElementsAre(1min));
        EXPECT_EQ(starts.size(), 1u);
    });
    EXPECT_THAT(errors, ElementsAre(HasSubstr("jobs go by the tz database 2026b")));
}
