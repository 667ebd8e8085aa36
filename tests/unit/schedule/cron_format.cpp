#include <schedule/cron_pattern.hpp>

#include <gtest/gtest.h>

#include <string>

using namespace cicada;

namespace {

std::string canonical(std::string_view pattern, dialect language = dialect::ocps) {
    const auto fields = detail::parse_cron(pattern, language, "a name");
    const std::string text = detail::format_cron(fields);
    EXPECT_EQ(detail::parse_cron(text, detail::dialect_of(fields), {}), fields) << pattern;
    EXPECT_EQ(detail::format_cron(detail::parse_cron(text, detail::dialect_of(fields), {})), text);
    return text;
}

} // namespace

TEST(cron_format, writes_numbers_and_the_fields_that_are_needed) {
    EXPECT_EQ(canonical("0 7 * * MON-FRI"), "0 7 * * 1-5");
    EXPECT_EQ(canonical(" 00 07 ? jan,FEB,mar Sun"), "0 7 * 1-3 0");
    EXPECT_EQ(canonical("0 0 7 * * *"), "0 7 * * *");
    EXPECT_EQ(canonical("30 0 7 * * * *"), "30 0 7 * * *");
    EXPECT_EQ(canonical("0 0 7 * * * 1970-2199"), "0 7 * * *");
    EXPECT_EQ(canonical("0 0 7 * * * 2026,2027,2028"), "0 0 7 * * * 2026-2028");
    EXPECT_EQ(canonical("@weekly"), "0 0 * * 0");
    EXPECT_EQ(canonical("@reboot"), "@reboot");
}

TEST(cron_format, prefers_ranges_and_steps_where_they_are_shorter) {
    EXPECT_EQ(canonical("0,5,10,15,20,25,30,35,40-55/5 * * * *"), "*/5 * * * *");
    EXPECT_EQ(canonical("5-59/5 * * * *"), "5-55/5 * * * *");
    EXPECT_EQ(canonical("1,2,3,7,20-22 * * * *"), "1-3,7,20-22 * * * *");
    EXPECT_EQ(canonical("1,2,8 * * * *"), "1,2,8 * * * *");
    EXPECT_EQ(canonical("1-5/2 * * * *"), "1,3,5 * * * *");
    EXPECT_EQ(canonical("* 0-23 * 1-12/3 *"), "* * * */3 *");
}

TEST(cron_format, writes_a_fixed_pattern_as_lists_and_a_repeating_one_with_a_range) {
    EXPECT_EQ(canonical("0,15,30,45 1,2,3 * * *"), "0,15,30,45 1,2,3 * * *");
    EXPECT_EQ(canonical("*/15 1,2,3 * * *"), "*/15 1-3 * * *");
    EXPECT_EQ(canonical("0 7-7 * * *"), "0 7-7 * * *");
    EXPECT_EQ(canonical("0 7,9-10 * * *"), "0 7-7,9,10 * * *");
    EXPECT_EQ(canonical("0-0 0 7 * * *"), "0 7-7 * * *");
    EXPECT_EQ(canonical("*/90 7 * * *"), "0 7-7 * * *");
}

TEST(cron_format, keeps_a_restricted_day_field_restricted) {
    EXPECT_EQ(canonical("0 0 1-31 * 5"), "0 0 1-31 * 5");
    EXPECT_EQ(canonical("0 0 1,* * 5"), "0 0 1-31 * 5");
    EXPECT_EQ(canonical("0 0 *,1 * 5"), "0 0 * * 5");
    EXPECT_EQ(canonical("0 0 */2 * 5"), "0 0 1-31/2 * 5");
    EXPECT_EQ(canonical("0 0 1 * 0-7"), "0 0 1 * 0-6");
    EXPECT_EQ(canonical("0 0 1 * +5"), "0 0 1 * +5");
    EXPECT_EQ(canonical("0 0 * * +5"), "0 0 * * 5");
}

TEST(cron_format, writes_the_days_that_no_number_says) {
    EXPECT_EQ(canonical("0 0 L,1 * *"), "0 0 1,L * *");
    EXPECT_EQ(canonical("0 0 15W * *"), "0 0 15W * *");
    EXPECT_EQ(canonical("0 0 * * FRIL,MON#1,WED"), "0 0 * * 3,1#1,5#L");
    EXPECT_EQ(canonical("0 0 15 * +7#2"), "0 0 15 * +0#2");
}

TEST(cron_format, writes_what_only_quartz_can_say_in_its_dialect) {
    EXPECT_EQ(canonical("0 0/15 9-17 ? * MON-FRI", dialect::quartz), "*/15 9-17 * * 1-5");
    EXPECT_EQ(canonical("0 0 0 LW * ?", dialect::quartz), "0 0 0 LW * ?");
    EXPECT_EQ(canonical("5 0/2 0 L-3 1/2 ? 2030", dialect::quartz), "5 */2 0 L-3 */2 ? 2030");
    EXPECT_EQ(canonical("0 0 0 L-3W * ?", dialect::quartz), "0 0 0 L-3W * ?");
    EXPECT_EQ(canonical("0 0 0 3,L-3,L * ?", dialect::quartz), "0 0 0 3,L,L-3 * ?");
}

TEST(cron_format, gives_an_expression_with_the_zone_unless_it_is_UTC) {
    EXPECT_EQ(cron("0 7 * * MON-FRI").text(), "cron(\"0 7 * * 1-5\")");
    EXPECT_EQ(cron("0 7 * * *", "UTC").text(), "cron(\"0 7 * * *\")");
    EXPECT_EQ(cron("0 7 * * *", "Europe/Berlin").text(), "cron(\"0 7 * * *\", \"Europe/Berlin\")");
    EXPECT_EQ(cron("0 7 * * *", "Europe/Berlin", {.gap = gap::skip}).text(),
              "cron(\"0 7 * * *\", \"Europe/Berlin\", gap::skip)");
    EXPECT_EQ(cron("0 0 0 LW * ?", "Europe/Berlin", {.dialect = dialect::quartz}).text(),
              "cron(\"0 0 0 LW * ?\", \"Europe/Berlin\", dialect::quartz)");
    EXPECT_EQ(cron("0 0 0 LW * ?", zone(), {.gap = gap::skip, .dialect = dialect::quartz}).text(),
              "cron(\"0 0 0 LW * ?\", gap::skip, dialect::quartz)");
}

TEST(cron_format, makes_equal_what_means_the_same) {
    EXPECT_EQ(cron("0 0 7 ? * mon-fri"), cron("0 7 * * 1-5"));
    EXPECT_NE(cron("0 7 * * *"), cron("0 7-7 * * *"));
    EXPECT_NE(cron("0 7 * * *"), cron("0 7 * * *", "Europe/Berlin"));
    EXPECT_NE(cron("0 7 * * *"), cron("0 7 * * *", zone(), {.gap = gap::skip}));
    EXPECT_LE(sizeof(cron), 200u);
}
