#include <schedule/cron_pattern.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <set>
#include <string>

using namespace cicada;
using detail::parse_cron;

namespace {

cron_fields read(std::string_view pattern) { return parse_cron(pattern, dialect::ocps, {}); }
cron_fields read_quartz(std::string_view pattern) {
    return parse_cron(pattern, dialect::quartz, {});
}

struct refusal {
    std::size_t column = 0; // from 1; 0: it was accepted
    std::string expected;
    std::string hint;
    remedy mended_by = remedy::none;
    std::string what;
};

refusal refused(std::string_view pattern, dialect language = dialect::ocps) {
    try {
        parse_cron(pattern, language, {});
        return {};
    } catch (const parse_error& e) {
        return {e.offset() + 1, e.expected(), e.hint(), e.mended_by(), e.what()};
    }
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

std::uint64_t bits(std::initializer_list<int> values) {
    std::uint64_t set = 0;
    for (const int v : values) set |= std::uint64_t{1} << v;
    return set;
}

bool matches(std::string_view pattern, std::string_view local) {
    return cron(pattern).matches(parse_instant(std::string(local) + 'Z'));
}

} // namespace

// --- the vectors of the specification ------------------------------------------------------------

TEST(cron_parse, matches_what_the_vectors_of_the_specification_say) {
    struct vector {
        const char* pattern;
        std::initializer_list<const char*> yes;
        std::initializer_list<const char*> no;
    };
    const vector vectors[] = {
        // 1.0
        {"15 10 * * *", {"2025-03-10 10:15:00"}, {"2025-03-10 10:14:00"}},
        {"30 8 * jan Mon", {"2025-01-06 08:30:00"}, {"2025-02-03 08:30:00"}},
        {"5-59/15 9 * * *",
         {"2025-03-10 09:05:00", "2025-03-10 09:20:00", "2025-03-10 09:35:00",
          "2025-03-10 09:50:00"},
         {"2025-03-10 09:15:00"}},
        {"0 12 1 * MON",
         {"2025-10-01 12:00:00", "2025-10-06 12:00:00", "2025-09-01 12:00:00",
          "2025-09-08 12:00:00"},
         {"2025-10-07 12:00:00"}},
        {"0 12 * * MON", {"2025-10-06 12:00:00"}, {"2025-10-07 12:00:00"}},
        {"0 12 1-31 * MON",
         {"2025-10-06 12:00:00", "2025-10-07 12:00:00"},
         {"2025-10-08 11:00:00"}},
        // 1.1
        {"@yearly", {"2026-01-01 00:00:00"}, {"2026-01-02 00:00:00"}},
        {"@annually", {"2026-01-01 00:00:00"}, {"2026-01-02 00:00:00"}},
        {"@monthly", {"2026-02-01 00:00:00"}, {"2026-02-02 00:00:00"}},
        {"@weekly", {"2025-10-05 00:00:00"}, {"2025-10-06 00:00:00"}},
        {"@daily",
         {"2025-10-07 00:00:00", "2025-10-08 00:00:00", "2025-10-09 00:00:00",
          "2025-11-01 00:00:00"},
         {"2025-10-07 00:01:00", "2025-10-08 00:00:01", "2025-10-08 23:59:59",
          "2025-11-01 00:01:00"}},
        {"@midnight", {"2025-10-07 00:00:00"}, {"2025-10-07 00:01:00"}},
        {"@hourly", {"2025-10-07 10:00:00"}, {"2025-10-07 10:01:00"}},
        // 1.2
        {"15 10 * * *", {"2025-03-10 10:15:00"}, {"2025-03-10 10:15:30"}},
        {"30 15 10 * * *", {"2025-03-10 10:15:30"}, {"2025-03-10 10:15:29"}},
        {"0 15 10 * * * 2025", {"2025-03-10 10:15:00"}, {"2026-03-10 10:15:00"}},
        {"0 0 0 1 1 * 1970-2199/2", {"2026-01-01 00:00:00"}, {"2025-01-01 00:00:00"}},
        // 1.3
        {"0 0 L * *", {"2025-02-28 00:00:00"}, {"2025-02-27 00:00:00"}},
        {"0 0 * * FRI#L", {"2025-02-28 00:00:00"}, {"2025-02-21 00:00:00"}},
        {"0 0 * * TUE#3", {"2025-06-17 00:00:00"}, {"2025-06-10 00:00:00"}},
        {"0 12 15W * *", {"2025-06-16 12:00:00"}, {"2025-06-15 12:00:00"}},
        {"0 12 1W * *", {"2025-02-03 12:00:00"}, {"2025-02-01 12:00:00"}},
        // 1.4
        {"0 12 1 * +MON", {"2025-09-01 12:00:00"}, {"2025-09-08 12:00:00", "2025-10-01 12:00:00"}},
    };
    for (const vector& v : vectors) {
        for (const char* local : v.yes)
            EXPECT_TRUE(matches(v.pattern, local)) << v.pattern << local;
        for (const char* local : v.no)
            EXPECT_FALSE(matches(v.pattern, local)) << v.pattern << local;
    }
    EXPECT_EQ(read("@daily"), read("0 0 * * *"));
}

TEST(cron_parse, accepts_and_refuses_what_the_vectors_of_the_specification_say) {
    for (const char* pattern : {"* * 31 2 *", "@reboot", "15 10 * * *", "30 15 10 * * *",
                                "0 15 10 * * * 2025", "0 0 0 1 1 * 1970"}) {
        EXPECT_NO_THROW(read(pattern)) << pattern;
    }
    for (const char* pattern :
         {"60 0 * * *", "0 0 10-5 * *", "0 0 /30 * *", "@Daily", "@daily 0 0 * * *",
          "0 0 0 1 1 * 1969", "0 12 1-15W * *", "0 12 +1 * MON", "? 12 * * *"}) {
        EXPECT_THROW(read(pattern), parse_error) << pattern;
    }
}

// --- what is read --------------------------------------------------------------------------------

TEST(cron_parse, separates_fields_by_spaces_and_tabs_and_ignores_those_around) {
    EXPECT_EQ(read(" \t0\t7  *\t \t* 1-5\t "), read("0 7 * * 1-5"));
    EXPECT_EQ(read("  @daily\t"), read("@daily"));
}

TEST(cron_parse, reads_lists_ranges_and_steps) {
    EXPECT_EQ(read("0,30 * * * *").minutes, bits({0, 30}));
    EXPECT_EQ(read("1-4 * * * *").minutes, bits({1, 2, 3, 4}));
    EXPECT_EQ(read("*/20 * * * *").minutes, bits({0, 20, 40}));
    EXPECT_EQ(read("10-40/15,59 * * * *").minutes, bits({10, 25, 40, 59}));
    EXPECT_EQ(read("7-7 * * * *").minutes, bits({7}));
    EXPECT_EQ(read("007 * * * *").minutes, bits({7}));
    EXPECT_EQ(read("* * * * *").minutes, ~0ull >> 4);
    EXPECT_EQ(read("* 22-23,0 * * *").hours, bits({0, 22, 23}));
}

TEST(cron_parse, lets_a_step_lead_out_of_the_field) {
    EXPECT_EQ(read("*/90 * * * *").minutes, bits({0}));
    EXPECT_EQ(read("*/4294967297 * * * *").minutes, bits({0}));
}

TEST(cron_parse, reads_names_in_any_case_within_ranges_and_lists) {
    EXPECT_EQ(read("0 0 * jan-Mar,DEC *").months, bits({1, 2, 3, 12}));
    EXPECT_EQ(read("0 0 * * mOn-wed,FRI").weekdays, bits({1, 2, 3, 5}));
    EXPECT_EQ(read("0 0 * 1-mar/2 *").months, bits({1, 3}));
}

TEST(cron_parse, takes_0_and_7_and_SUN_for_sunday_at_either_end_of_a_range) {
    EXPECT_EQ(read("0 0 * * 7"), read("0 0 * * 0"));
    EXPECT_EQ(read("0 0 * * SUN"), read("0 0 * * 0"));
    EXPECT_EQ(read("0 0 * * 5-7").weekdays, bits({0, 5, 6}));
    EXPECT_EQ(read("0 0 * * FRI-SUN").weekdays, bits({0, 5, 6}));
    EXPECT_EQ(read("0 0 * * SUN-TUE").weekdays, bits({0, 1, 2}));
    EXPECT_EQ(read("0 0 * * SUN-SUN").weekdays, bits({0}));
    EXPECT_EQ(read("0 0 * * 0-7").weekdays, 0x7f);
    EXPECT_EQ(read("0 0 * * 7#2"), read("0 0 * * SUN#2"));
}

TEST(cron_parse, takes_a_field_for_unrestricted_when_its_first_entry_is_a_star) {
    const auto restricted_day = [](const char* pattern) { return !read(pattern).any_day; };
    EXPECT_FALSE(restricted_day("0 0 * * 5"));
    EXPECT_FALSE(restricted_day("0 0 ? * 5"));
    EXPECT_FALSE(restricted_day("0 0 *,1 * 5"));
    EXPECT_TRUE(restricted_day("0 0 1,* * 5"));
    EXPECT_TRUE(restricted_day("0 0 1-31 * 5"));
    EXPECT_TRUE(restricted_day("0 0 */2 * 5"));
    EXPECT_TRUE(restricted_day("0 0 */1 * 5"));
    EXPECT_TRUE(restricted_day("0 0 L * 5"));
    EXPECT_EQ(read("0 0 *,7,L * 5"), read("0 0 * * 5"));
    EXPECT_EQ(read("0 0 7 * *,5#2"), read("0 0 7 * *"));
    EXPECT_EQ(read("0 0 ? * ?"), read("0 0 * * *"));
}

TEST(cron_parse, combines_the_day_fields_with_AND_only_when_both_are_restricted) {
    EXPECT_TRUE(read("0 0 1 * +MON").both_days);
    EXPECT_TRUE(read("0 0 1 * +MON-WED,5#2").both_days);
    EXPECT_EQ(read("0 0 * * +MON"), read("0 0 * * MON"));
    EXPECT_EQ(read("0 0 1 * +*"), read("0 0 1 * *"));
}

TEST(cron_parse, reads_days_from_the_end_nearest_weekdays_and_nth_ones) {
    EXPECT_EQ(read("0 0 L * *").days_from_end, 1u);
    EXPECT_EQ(read("0 0 1,L * *").days, bits({1}));
    EXPECT_EQ(read("0 0 15W * *").nearest, 15);
    EXPECT_EQ(read("0 0 * * TUE#3").nth_weekdays, bits({6 * 2 + 2}));
    EXPECT_EQ(read("0 0 * * 5L").nth_weekdays, bits({6 * 5 + 5}));
    EXPECT_EQ(read("0 0 * * friL"), read("0 0 * * 5#L"));
    EXPECT_EQ(read("0 0 * * 1#1,1#5,6").weekdays, bits({6}));
}

TEST(cron_parse, calls_repeating_what_has_a_star_a_range_or_a_step_in_its_times) {
    for (const char* pattern : {"* 7 * * *", "0 * * * *", "*/5 7 * * *", "0 7-9 * * *",
                                "0 7,9-9 * * *", "* 0 7 * * *", "0-30/30 0 7 * * *", "@hourly"}) {
        EXPECT_TRUE(read(pattern).is_repeating) << pattern;
    }
    for (const char* pattern :
         {"0 7 * * *", "0,30 7,9 * * *", "15 0 7 * * *", "0 7 */2 1-3 1-5", "@daily"}) {
        EXPECT_FALSE(read(pattern).is_repeating) << pattern;
    }
}

TEST(cron_parse, knows_reboot_as_an_event_without_instants) {
    const cron reboot("@reboot");
    EXPECT_TRUE(reboot.is_reboot());
    EXPECT_EQ(reboot.next({}), std::nullopt);
    EXPECT_EQ(reboot.previous(wall_time::max()), std::nullopt);
    EXPECT_FALSE(reboot.matches({}));
}

// --- H -------------------------------------------------------------------------------------------

TEST(cron_parse, hashes_the_name_to_the_same_values_for_ever) {
    const auto read_as = [](std::string_view pattern, std::string_view name) {
        return cron(pattern, zone(), {.name = name}).pattern();
    };
    EXPECT_EQ(read_as("H H * * *", "backup"), "27 14 * * *");
    EXPECT_EQ(read_as("H H H H H", "backup"), "27 14 14 12 0");
    EXPECT_EQ(read_as("H H * * *", "report"), "50 19 * * *");
    EXPECT_EQ(read_as("H/15 * * * *", "backup"), "12-57/15 * * * *");
    EXPECT_EQ(read_as("H(10-19)/5 H(2-4) * * *", "backup"), "12,17 4-4 * * *");
}

TEST(cron_parse, keeps_a_hashed_value_within_its_range_and_in_every_month) {
    std::set<std::uint64_t> minutes;
    for (int i = 0; i < 500; ++i) {
        const std::string name = "job " + std::to_string(i);
        const auto f = parse_cron("H(20-40) H(3-5) H * *", dialect::ocps, name);
        EXPECT_EQ(f.minutes & ~(((1ull << 21) - 1) << 20), 0u);
        EXPECT_EQ(f.hours & ~0b111000u, 0u);
        EXPECT_EQ(f.days & 0xe000'0001u, 0u);
        EXPECT_FALSE(f.is_repeating);
        minutes.insert(f.minutes);
        const auto stepped = parse_cron("H/20 * * * *", dialect::ocps, name).minutes;
        EXPECT_EQ(std::popcount(stepped), 3);
        EXPECT_EQ(stepped >> 20 & 0xfffff, stepped & 0xfffff);
    }
    EXPECT_EQ(minutes.size(), 21u);
}

TEST(cron_parse, refuses_H_without_a_name) {
    const refusal r = refused("H * * * *");
    EXPECT_EQ(r.column, 1u);
    EXPECT_EQ(r.mended_by, remedy::name_for_hash);
    EXPECT_THROW(parse_cron("0 0 0 1 1 * H", dialect::ocps, "a"), parse_error);
    EXPECT_THROW(parse_cron("H(5-3) 0 1 1 *", dialect::ocps, "a"), parse_error);
    EXPECT_THROW(parse_cron("H(5) 0 1 1 *", dialect::ocps, "a"), parse_error);
    EXPECT_THROW(parse_cron("H(5-7 0 1 1 *", dialect::ocps, "a"), parse_error);
    EXPECT_THROW(parse_cron("H-7 0 1 1 *", dialect::ocps, "a"), parse_error);
    EXPECT_THROW(parse_cron("H(50-70) 0 1 1 *", dialect::ocps, "a"), parse_error);
}

// --- what is refused -----------------------------------------------------------------------------

TEST(cron_parse, names_the_column_and_a_rewrite_of_what_it_refuses) {
    struct row {
        const char* pattern;
        std::size_t column;
        const char* hint;
    };
    const row rows[] = {
        {"0/15 * * * *", 1, "0-59/15"},
        {"0 5/6 * * *", 3, "5-23/6"},
        {"0 0 * * MON/2", 9, "1-6/2"},
        {"0 0 /30 * *", 5, "*/30"},
        {"0 0 10-5 * *", 5, "10-31,1-5"},
        {"0 22-2 * * *", 3, "22-23,0-2"},
        {"0 0 * NOV-FEB *", 7, "11-12,1-2"},
        {"0 0 * * FRI-MON", 9, "5-7,1"},
        {"0 0 * * 5-0", 9, "5-7"},
        {"0 0 0 1 1 * 2030-2026", 13, "2026-2030"},
        {"60 * * * *", 1, "60 is 0 of the next"},
        {"* 24 * * *", 3, "24 is 0 of the next"},
        {"0 0 0 * *", 5, "counted from 1"},
        {"0 0 * MON-FRI *", 7, "MON is a day of the week"},
        {"0 0 * * MAR", 9, "MAR is a month"},
        {"0 0 * * TEU", 9, "TUE"},
        {"0 0 * SPE *", 7, "SEP"},
        {"0 0 * * monday", 9, "MON"},
        {"0 0 * january *", 7, "JAN"},
        {"0 MON * * *", 3, "names stand only"},
        {"@Daily", 1, "@daily"},
        {"@dayly", 1, "@daily"},
        {"@weekley", 1, "@weekly"},
        {"@daily 0 0 * * *", 8, "stands alone"},
        {"* * * *", 8, "found 4"},
        {"", 1, "found 0"},
        {"1 2 3 4 5 6 7 8", 15, "found 8"},
        {"? * * * *", 1, "write *"},
        {"0 12 +1 * MON", 6, "first in the field of the day of the week"},
        {"0 12 1 * MON,+TUE", 14, "first in the field of the day of the week"},
        {"0 0 l * *", 5, "capitals"},
        {"0 0 15w * *", 7, "capitals"},
        {"0 0 * * fril", 9, "capitals"},
        {"0 0 15W,20 * *", 7, "alone"},
        {"0 0 1-15W * *", 9, "alone"},
        {"0 0 * * L", 9, "FRI#L"},
        {"0 0 * * 1-5#2", 9, "1#2,2#2"},
        {"0 L * * *", 3, "day fields"},
        {"0 0 LW * *", 6, "only Quartz has LW"},
        {"0 0 0 L-3 * *", 8, "only Quartz has LW and L-3"},
        {"0 0/5 14 * * ?", 3, "write 0-59/5; it looks like a pattern of Quartz"},
        {"0 0 * * 1\xe2\x80\x93"
         "5",
         10, "write '-'"},
        {"0\xc2\xa0"
         "0 * * *",
         2, "write ' '"},
        {"0 0 \xef\xbc\x8a * *", 5, "write '*'"},
        {"0 0 * *\n*", 8, "spaces and tabs"},
        {"0 0 * * *\n", 10, "spaces and tabs"},
        {"0 0 * * \x01", 9, "control"},
        {"0 0 * * \xff", 9, "ASCII"},
    };
    for (const row& r : rows) {
        const refusal got = refused(r.pattern);
        EXPECT_EQ(got.column, r.column) << r.pattern << ": " << got.expected << "; " << got.hint;
        EXPECT_TRUE(contains(got.hint, r.hint)) << r.pattern << ": " << got.hint;
    }
}

// What a command or a file calls otherwise than C++ is no part of the hint.
TEST(cron_parse, gives_a_remedy_as_data_and_renders_it_for_cpp_only) {
    struct row {
        const char* pattern;
        remedy mended_by;
        const char* in_cpp;
    };
    const row rows[] = {
        {"0 0 LW * *", remedy::quartz_dialect, "LW and L-3: then say dialect::quartz"},
        {"0 0/5 14 * * ?", remedy::quartz_dialect, "of Quartz: then say dialect::quartz"},
        {"H * * * *", remedy::name_for_hash, "; give the schedule one: cron_options{.name = "},
        {"0 H 14 * * ?", remedy::name_for_hash, "; give the schedule one: cron_options{.name = "},
        {"@every 5m", remedy::period, "; for a period use cicada::every(5min, ...)"},
        {"0/15 * * * *", remedy::none, "; write 0-59/15"},
    };
    for (const row& r : rows) {
        const refusal got = refused(r.pattern);
        EXPECT_EQ(got.mended_by, r.mended_by) << r.pattern;
        EXPECT_TRUE(contains(got.what, r.in_cpp)) << r.pattern << ": " << got.what;
        EXPECT_FALSE(contains(got.hint, "::")) << r.pattern << ": " << got.hint;
    }
}

TEST(cron_parse, says_what_it_expected) {
    EXPECT_EQ(refused("60 * * * *").expected, "a minute from 0 to 59");
    EXPECT_EQ(refused("* 24 * * *").expected, "an hour from 0 to 23");
    EXPECT_EQ(refused("* * * 13 *").expected, "a month from 1 to 12 or JAN to DEC");
    EXPECT_EQ(refused("* * * * 8").expected, "a day of the week from 0 to 7 or SUN to SAT");
    EXPECT_EQ(refused("0 0 0 1 1 * 2200").expected, "a year from 1970 to 2199");
    EXPECT_EQ(refused("*/0 * * * *").expected, "a step of at least 1, in digits");
    EXPECT_EQ(refused("1,2-3- * * * *").expected, "',' or the end of the field");
}

TEST(cron_parse, refuses_what_is_incomplete_or_malformed) {
    for (const char* pattern : {"5, * * * *",
                                ",5 * * * *",
                                "5,,6 * * * *",
                                "5- * * * *",
                                "-5 * * * *",
                                "1--2 * * * *",
                                "*- * * * *",
                                "*-5 * * * *",
                                "5-* * * * *",
                                "** * * * *",
                                "*5 * * * *",
                                "5* * * * *",
                                "*/ * * * *",
                                "*/-5 * * * *",
                                "*/x * * * *",
                                "*/5/5 * * * *",
                                "1-5/ * * * *",
                                "+ * * * *",
                                "0 0 L5 * *",
                                "0 0 1L * *",
                                "0 0 L/2 * *",
                                "0 0 20-L * *",
                                "0 0 W * *",
                                "0 0 0W * *",
                                "0 0 32W * *",
                                "0 0 15W/2 * *",
                                "0 0 ,15W * *",
                                "0 0 * 5L *",
                                "0 0 * * 5#",
                                "0 0 * * 5#0",
                                "0 0 * * 5#6",
                                "0 0 * * #2",
                                "0 0 * * 5#2#3",
                                "0 0 * * 5#2/2",
                                "0 0 * * 8#1",
                                "0 0 * * 5LL",
                                "0 0 * * 5#LL",
                                "0 0 * * 5#L#1",
                                "0 0 * * 5L#1",
                                "0 0 * * 5#L2",
                                "0 0 * * +",
                                "0 0 * * ++1",
                                "0 0 * * 1+",
                                "0 0 * * MO",
                                "0 0 * * MON-",
                                "0 0 * MA *",
                                "0 0 1 ? *",
                                "0 0 0 1 1 * ?",
                                "0 0 0 1 1 * 25",
                                "0 0 5#2 * *",
                                "*,61 * * * *",
                                "*,*,61 * * * *",
                                "0.5 * * * *",
                                "0 0 1;2 * *",
                                "@",
                                "@reboot @daily",
                                "# comment",
                                "0 0 * * * root echo",
                                "TZ=UTC 0 0 * * *",
                                "99999999999999999999 * * * *"}) {
        const refusal r = refused(pattern);
        EXPECT_GT(r.column, 0u) << "accepted: " << pattern;
        EXPECT_LE(r.column, std::string_view(pattern).size() + 1) << pattern;
        EXPECT_FALSE(r.expected.empty()) << pattern;
    }
}

TEST(cron_parse, reads_nothing_beyond_the_view_it_is_given) {
    const std::string text = "0 7 * * MON-FRI";
    for (std::size_t n = 0; n < text.size(); ++n) {
        const std::string exact = text.substr(0, n);
        EXPECT_EQ(refused(std::string_view(text).substr(0, n)).column, refused(exact).column) << n;
    }
}

// --- Quartz --------------------------------------------------------------------------------------

TEST(cron_parse, reads_a_pattern_of_quartz_into_the_same_fields) {
    EXPECT_EQ(read_quartz("0 0/15 * * * ?"), read("*/15 * * * *"));
    EXPECT_EQ(read_quartz("0 5/15 * * * ?"), read("5-59/15 * * * *"));
    EXPECT_EQ(read_quartz("0 /15 * * * ?"), read("*/15 * * * *"));
    EXPECT_EQ(read_quartz("0 0 12 ? * 2-6"), read("0 12 * * 1-5"));
    EXPECT_EQ(read_quartz("0 0 12 ? * mon-FRI"), read("0 12 * * 1-5"));
    EXPECT_EQ(read_quartz("0 0 12 ? * 1"), read("0 12 * * SUN"));
    EXPECT_EQ(read_quartz("0 0 12 ? * L"), read("0 12 * * SAT"));
    EXPECT_EQ(read_quartz("0 0 12 ? * 6L"), read("0 12 * * FRI#L"));
    EXPECT_EQ(read_quartz("0 0 12 ? * fril"), read("0 12 * * FRI#L"));
    EXPECT_EQ(read_quartz("0 0 12 ? * 6#3"), read("0 12 * * FRI#3"));
    EXPECT_EQ(read_quartz("0 0 12 15w * ?"), read("0 12 15W * *"));
    EXPECT_EQ(read_quartz("0 0 12 L * ? 2026-2028"), read("0 0 12 L * * 2026-2028"));
    EXPECT_EQ(read_quartz("0 0 22-2 * * ?"), read("0 22-23,0-2 * * *"));
    EXPECT_EQ(read_quartz("0 0 22-4/3 * * ?"), read("0 1-4/3,22-23/3 * * *"));
    EXPECT_EQ(read_quartz("0 0 12 ? NOV-FEB FRI-MON"), read("0 12 * 11-12,1-2 5-7,1"));
    EXPECT_EQ(read_quartz("0 0 12 LW * ?").nearest, 32);
    EXPECT_EQ(read_quartz("0 0 12 L-3W * ?").nearest, 35);
    EXPECT_EQ(read_quartz("0 0 12 L-3 * ?").days_from_end, 8u);
}

TEST(cron_parse, refuses_what_quartz_refuses) {
    for (const char* pattern :
         {"0 12 * * ?", "0 0 12 * * *", "0 0 12 ? * ?", "0 0 12 1 * MON", "@daily", "0 0 12 ? * 0",
          "0 0 12 ? * 8", "0 0 12 L-31 * ?", "0 0 12 LW,3 * ?", "0 0 12 3,LW * ?", "? 0 12 * * ?",
          "0 0/90 * * * ?", "0 0 12 ? * +MON", "H 0 12 * * ?", "0 0 12 1,? * MON",
          "0 0 0 1 1 ? 2030-2026", "0 0 12 ?/2 * MON", "0 0 12 L- * ?"}) {
        EXPECT_GT(refused(pattern, dialect::quartz).column, 0u) << "accepted: " << pattern;
    }
    EXPECT_TRUE(contains(refused("0 12 * * ?", dialect::quartz).hint, "seconds first"));
}
