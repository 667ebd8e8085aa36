// D3 of the design: machines with other versions of the tz database than the rest.

#include <gmock/gmock.h>

#include <model/cluster/checker.hpp>
#include <model/cluster/world.hpp>
#include <support/tz_directory.hpp>

namespace {

using namespace cluster_model;
using testing::ElementsAre;
using testing::IsEmpty;

/// 14:00 there is 13:00 UTC by 2026b, which all machines have at first, and by 2026a. By 2026c it
/// is 12:00 from the 21st on, and by 2026d 14:00 from the 22nd on: as in life, an update is about
/// what is to come.
struct cities {
    cities() {
        write("", "2026b", {});
        write("a", "2026a", {});
        write("c", "2026c", {{"2026-03-21T00:00:00Z", 2}});
        write("d", "2026d", {{"2026-03-21T00:00:00Z", 2}, {"2026-03-22T00:00:00Z", 0}});
        cicada::reload_tz();
    }
    struct change {
        const char* at;
        int hours_ahead;
    };
    void write(const char* to, const std::string& version, std::vector<change> changes) const {
        const std::filesystem::path in = to;
        directory.write(in / "tzdata.zi", "# version " + version + '\n');
        support::tzif_bytes city{.types = {{0, 0, 0}, {3600, 0, 0}, {7200, 0, 0}}};
        changes.insert(changes.begin(), {"2000-01-01T00:00:00Z", 1});
        for (const change& one : changes) {
            const auto at = cicada::parse_instant(one.at).time_since_epoch() / 1s;
            city.changes.emplace_back(at, static_cast<std::uint8_t>(one.hours_ahead));
        }
        directory.write(in / "Test/City", city.bytes());
    }

    const support::tz_directory directory;
};

struct cluster_zones : testing::Test {
    static constexpr const char* in_city = "cron(\"0 14 * * *\", \"Test/City\")";
    static constexpr const char* in_utc = "cron(\"0 14 * * *\")";

    /// Two machines, and two jobs until the 25th, which has begun.
    void begin(duration poll = 10s) {
        all.emplace(setting{
            .machines = 2, .lease = 1min, .poll = poll, .skew = 0s, .has_zone_updates = true});
        for (const char* when : {in_city, in_utc}) {
            jobs.push_back({.name = when, .when = cicada::recurrence::parse(when), .kind = "work"});
            jobs.back().until = cicada::parse_instant("2026-03-25T00:00:00Z");
        }
        auto outside = all->cluster.store();
        const auto applied = cicada::spawn(outside.apply("the test", jobs));
        all->sim.advance(1s);
        all->start(a());
        all->start(b());
    }
    world::host& a() { return all->hosts[0]; }
    world::host& b() { return all->hosts[1]; }
    void update(world::host& on, const char* to) { all->update_zones(on, tz.directory.path / to); }
    void advance_to(const char* instant) {
        all->sim.advance(cicada::parse_instant(instant) - all->cluster.store_now());
    }

    /// "20 13:00", and by whom.
    std::vector<std::string> ran(const char* job) const {
        std::vector<std::string> those;
        for (const attempt& one : all->attempts()) {
            if (one.job != job) continue;
            EXPECT_LT(one.store_was_at - one.nominal, late) << cicada::format_instant(one.nominal);
            those.push_back(cicada::format_instant(one.nominal).substr(8, 8) + ' ' + one.machine);
            those.back()[2] = ' ';
        }
        return those;
    }
    /// What is wrong with all of it, when that has ended.
    std::vector<violation> found() {
        advance_to("2026-03-26T00:00:00Z");
        history whole = all->seen();
        for (const cicada::job& one : jobs) whole.jobs.push_back(all->history_of(one));
        return check(whole);
    }

    const cities tz;
    std::optional<world> all;
    std::vector<cicada::job> jobs;
    duration late = 1s; // at most
};

std::vector<std::string> without_machines(std::vector<std::string> all) {
    for (std::string& one : all) one.resize(8);
    return all;
}

TEST_F(cluster_zones, d3_an_instant_that_is_pending_moves_with_the_rules) {
    begin();
    advance_to("2026-03-21T06:00:00Z");
    for (world::host* on : {&a(), &b()}) update(*on, "c"); // an hour earlier
    advance_to("2026-03-22T06:00:00Z");
    for (world::host* on : {&a(), &b()}) update(*on, "d"); // and two hours later
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_THAT(without_machines(ran(in_city)),
                ElementsAre("20 13:00", "21 12:00", "22 14:00", "23 14:00", "24 14:00"));
    EXPECT_THAT(without_machines(ran(in_utc)),
                ElementsAre("20 14:00", "21 14:00", "22 14:00", "23 14:00", "24 14:00"));
}

TEST_F(cluster_zones, d3_of_two_versions_the_newer_decides_each_instant_once) {
    begin();
    advance_to("2026-03-21T06:00:00Z");
    update(a(), "c");
    update(b(), "a"); // and this one's are older than ever
    advance_to("2026-03-21T18:00:00Z");
    update(b(), "d");
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_THAT(ran(in_city),
                ElementsAre(testing::_, "21 12:00 a", "22 14:00 b", "23 14:00 b", "24 14:00 b"));
    EXPECT_THAT(without_machines(ran(in_utc)),
                ElementsAre("20 14:00", "21 14:00", "22 14:00", "23 14:00", "24 14:00"));
}

TEST_F(cluster_zones, d3_the_older_decides_by_its_own_when_nobody_newer_is_there) {
    begin();
    advance_to("2026-03-21T06:00:00Z");
    update(a(), "c");
    advance_to("2026-03-21T11:59:50Z");
    all->crash(a());
    advance_to("2026-03-22T06:00:00Z");
    EXPECT_THAT(ran(in_city), ElementsAre(testing::_, "21 13:00 b"));
    all->start(a());
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_THAT(without_machines(ran(in_city)),
                ElementsAre("20 13:00", "21 13:00", "22 12:00", "23 12:00", "24 12:00"));
}

TEST_F(cluster_zones, d3_the_newer_goes_on_by_its_own_when_it_was_away) {
    begin();
    advance_to("2026-03-21T06:00:00Z");
    update(a(), "c");
    advance_to("2026-03-21T11:59:50Z");
    all->cut_off(a(), 10min);
    late = 11min;
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_EQ(ran(in_city)[1], "21 12:00 a");
    EXPECT_EQ(ran(in_city).size(), 5u);
}

TEST_F(cluster_zones, a_worker_says_by_which_rules_it_decides_also_between_two_polls) {
    begin(30min); // a second after each half hour
    advance_to("2026-03-22T12:50:00Z");
    for (world::host* on : {&a(), &b()}) update(*on, "d");
    advance_to("2026-03-22T13:00:00.9Z"); // it has looked at 13:00, where there is nothing now
    EXPECT_EQ(all->row(in_city).zones, "2026d");
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_THAT(without_machines(ran(in_city)),
                ElementsAre("20 13:00", "21 13:00", "22 14:00", "23 14:00", "24 14:00"));
}

} // namespace
