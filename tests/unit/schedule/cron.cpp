#include <cicada/schedule/cron.hpp>

#include <bit>
#include <gtest/gtest.h>
#include <set>
#include <string>

using namespace cicada;

namespace {

cron with_name(std::string_view pattern, std::string_view name) {
    return cron(pattern, "Europe/Berlin", {.gap = gap::skip, .name = name});
}

} // namespace

TEST(cron_fields, are_the_sets_that_a_pattern_names) {
    const cron rule("0 */20 9-11 1,31 FEB MON#2,FRI#L,SUN 2030-2031");
    const cron_fields& f = rule.fields();
    EXPECT_EQ(f.seconds, 1u);
    EXPECT_EQ(f.minutes, 1ull << 0 | 1ull << 20 | 1ull << 40);
    EXPECT_EQ(f.hours, 1u << 9 | 1u << 10 | 1u << 11);
    EXPECT_EQ(f.days, 1u << 1 | 1u << 31);
    EXPECT_EQ(f.months, 1u << 2);
    EXPECT_EQ(f.weekdays, 1u);
    EXPECT_EQ(f.nth_weekdays, 1ull << (6 * 1 + 1) | 1ull << (6 * 5 + 5));
    EXPECT_FALSE(f.any_day || f.any_weekday || f.both_days);
    EXPECT_TRUE(f.has_year(2030) && f.has_year(2031));
    EXPECT_FALSE(f.has_year(2029) || f.has_year(2032) || f.has_year(cron_fields::first_year) ||
                 f.has_year(cron_fields::last_year));

    const cron_fields& all = cron("0 0 L * *").fields();
    EXPECT_EQ(all.days_from_end, 1u);
    EXPECT_TRUE(all.any_weekday);
    EXPECT_TRUE(all.has_year(cron_fields::first_year) && all.has_year(cron_fields::last_year));
    static_assert(sizeof(cron_fields) == 72 && sizeof(cron) == 80);
}

TEST(cron, in_another_zone_keeps_all_but_the_zone) {
    const zone tokyo("Asia/Tokyo");
    const cron berlin("0 30 2 LW * ?", "Europe/Berlin",
                      {.gap = gap::skip, .dialect = dialect::quartz});
    EXPECT_EQ(berlin.in(tokyo),
              cron("0 30 2 LW * ?", tokyo, {.gap = gap::skip, .dialect = dialect::quartz}));
    EXPECT_EQ(berlin.in(tokyo).in(zone("Europe/Berlin")), berlin);
    EXPECT_EQ(cron("0 7 * * *").in(tokyo).next(parse_instant("2016-01-01T00:00:00Z")),
              parse_instant("2016-01-01T22:00:00Z"));
}

TEST(cron, says_what_its_pattern_is_written_in) {
    for (const char* pattern : {"0 0 12 LW * ?", "0 0 12 L-3 * ?", "0 0/5 14 ? * 2-6"}) {
        const cron rule(pattern, zone(), {.dialect = dialect::quartz});
        EXPECT_EQ(cron(rule.pattern(), zone(), {.dialect = rule.written_in()}), rule) << pattern;
    }
    EXPECT_EQ(cron("0 0 12 LW * ?", zone(), {.dialect = dialect::quartz}).written_in(),
              dialect::quartz);
    EXPECT_EQ(cron("0 0/5 14 ? * 2-6", zone(), {.dialect = dialect::quartz}).written_in(),
              dialect::ocps);
}

TEST(cron, hashed_is_what_H_makes_of_the_field) {
    struct row {
        cron_field which;
        const char* plain;
        const char* with_h;
    };
    const row rows[] = {{cron_field::minute, "30 * * * *", "H * * * *"},
                        {cron_field::minute, "0 3 1 * *", "H 3 1 * *"},
                        {cron_field::minute, "*/15 * * * *", "H/15 * * * *"},
                        {cron_field::minute, "*/7 2-4 * * *", "H/7 2-4 * * *"},
                        {cron_field::minute, "*/30 * * * *", "H/30 * * * *"},
                        {cron_field::minute, "59 30 9 * * *", "59 H 9 * * *"},
                        {cron_field::hour, "30 3 * * MON", "30 H * * MON"},
                        {cron_field::hour, "0 */6 * * *", "0 H/6 * * *"},
                        {cron_field::second, "0 7 * * *", "H 0 7 * * *"},
                        {cron_field::second, "*/10 * * * * *", "H/10 * * * * *"}};
    for (const row& r : rows) {
        std::set<std::string> seen;
        for (const std::string name : {"a", "backup", "poll", "report"}) {
            const cron made = with_name(r.plain, name).hashed(r.which, name);
            EXPECT_EQ(made, with_name(r.with_h, name)) << r.plain << ' ' << name;
            seen.insert(made.pattern());
        }
        EXPECT_GT(seen.size(), 1u) << r.plain << " is the same for every name";
    }
}

TEST(cron, hashed_leaves_as_it_is_what_H_cannot_say) {
    for (const char* pattern : {"* * * * *", "5,20 * * * *", "10-40/10 * * * *", "0-30/10 * * * *",
                                "1-59/2 * * * *", "@reboot"}) {
        EXPECT_EQ(cron(pattern).hashed(cron_field::minute, "a"), cron(pattern)) << pattern;
    }
    EXPECT_EQ(cron("0 9-17 * * *").hashed(cron_field::hour, "a"), cron("0 9-17 * * *"));
}

TEST(cron, hashed_stays_fixed_or_repeating) {
    const cron twice = cron("0,30 3 * * *").hashed(cron_field::minute, "backup");
    EXPECT_FALSE(twice.is_repeating());
    EXPECT_EQ(std::popcount(twice.fields().minutes), 2);
    EXPECT_TRUE(cron("*/30 3 * * *").hashed(cron_field::minute, "backup").is_repeating());
}
