#include <gtest/gtest.h>
#include <string>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>

using namespace std::chrono;
using namespace std::chrono_literals;
using namespace cicada;

namespace {

/// The schedule writes `text`, and that reads back to an equal one.
void expect_text(const schedule& s, std::string_view text) {
    EXPECT_EQ(s.text(), text);
    EXPECT_EQ(schedule::parse(text), s);
}

struct refusal {
    std::size_t offset;
    std::string expected;
    std::string hint;
    cicada::remedy mended_by{};
};

refusal refused(std::string_view text) {
    try {
        ADD_FAILURE() << "was accepted: " << schedule::parse(text).text();
    } catch (const parse_error& e) {
        EXPECT_TRUE(std::string_view(e.what()).starts_with('"' + std::string(text) + '"'))
            << "another text than the whole: " << e.what();
        return {e.offset(), e.expected(), e.hint(), e.mended_by()};
    }
    return {};
}

// ---- what is written reads back -----------------------------------------------------------------

TEST(schedule_text, of_cron) {
    expect_text(cron("0 7 * * MON-FRI", "Europe/Berlin"),
                R"(cron("0 7 * * 1-5", "Europe/Berlin"))");
    expect_text(cron("@daily"), R"(cron("0 0 * * *"))");
    expect_text(cron("30 2 * * *", "Europe/Berlin", {.gap = gap::skip}),
                R"(cron("30 2 * * *", "Europe/Berlin", gap::skip))");
    const schedule quartz = cron("0 30 2 LW * ?", "Europe/Berlin", {.dialect = dialect::quartz});
    EXPECT_EQ(schedule::parse(quartz.text()), quartz);
}

TEST(schedule_text, of_calendars) {
    expect_text(every_days(3, "2026-01-30T09:00:00", "Europe/Berlin"),
                R"(every_days(3, "2026-01-30T09:00:00", "Europe/Berlin"))");
    expect_text(every_weeks(2, local_days(2026y / January / 5) + 8h + 250ms),
                R"(every_weeks(2, "2026-01-05T08:00:00.25"))");
    expect_text(
        every_months(1, "2026-01-31T09:00:00", "Europe/Berlin", {.month_end = month_end::skip}),
        R"(every_months(1, "2026-01-31T09:00:00", "Europe/Berlin", month_end::skip))");
    expect_text(every_years(4, "2024-02-29T00:00:00", {}, {month_end::skip, gap::skip}),
                R"(every_years(4, "2024-02-29T00:00:00", month_end::skip, gap::skip))");
}

TEST(schedule_text, of_elapsed_time_and_of_one_instant) {
    expect_text(every_interval(90min), R"(every_interval("PT1H30M"))");
    expect_text(every_interval(1ns, wall_time(1s)),
                R"(every_interval("PT0.000000001S", "1970-01-01T00:00:01Z"))");
    expect_text(once(wall_time::max()), R"(once("2262-04-11T23:47:16.854775807Z"))");
    expect_text(once(wall_time::min()), R"(once("1677-09-21T00:12:43.145224192Z"))");
}

TEST(schedule_text, of_combinations) {
    const cron daily("0 9 * * *");
    expect_text(any_of(daily, once(wall_time())),
                R"(any_of(cron("0 9 * * *"), once("1970-01-01T00:00:00Z")))");
    expect_text(all_of(daily), R"(all_of(cron("0 9 * * *")))");
    expect_text(except(daily, cron("0 9 1 * *")),
                R"(except(cron("0 9 * * *"), cron("0 9 1 * *")))");
    expect_text(starting(daily, wall_time()),
                R"(starting(cron("0 9 * * *"), "1970-01-01T00:00:00Z"))");
    expect_text(until(daily, wall_time()), R"(until(cron("0 9 * * *"), "1970-01-01T00:00:00Z"))");
}

TEST(schedule_text, of_filters_in_an_order_of_their_own) {
    const cron daily("0 9 * * *");
    expect_text(
        except(daily, on_dates({"2026-12-25", "2026-12-24", "2026-12-25"}, "Europe/Berlin")),
        R"(except(cron("0 9 * * *"), on_dates({"2026-12-24", "2026-12-25"}, "Europe/Berlin")))");
    expect_text(except(daily, on_weekdays({Sunday, Saturday, Monday})),
                R"(except(cron("0 9 * * *"), on_weekdays({Monday, Saturday, Sunday})))");
    expect_text(
        except(daily, daily_between(22h, 6h + 30s, "Europe/Berlin")),
        R"(except(cron("0 9 * * *"), daily_between("22:00", "06:00:30", "Europe/Berlin")))");
}

// ---- what else is read --------------------------------------------------------------------------

TEST(schedule_text, may_be_a_bare_pattern) {
    EXPECT_EQ(schedule::parse("0 7 * * 1-5"), schedule(cron("0 7 * * 1-5")));
    EXPECT_EQ(schedule::parse("@hourly"), schedule(cron("@hourly")));
}

TEST(schedule_text, may_have_spaces_and_lines) {
    EXPECT_EQ(schedule::parse(
                  " except ( cron (\"0 7 * * *\") ,\n\ton_weekdays( { Saturday,Sunday } ) )\n"),
              except(cron("0 7 * * *"), on_weekdays({Saturday, Sunday})));
}

TEST(schedule_text, may_name_its_options_as_cpp_does) {
    EXPECT_EQ(
        schedule::parse(R"(cron("0 H 2 * * *", "UTC", {.gap = gap::skip, .name = "backup"}))"),
        schedule(cron("0 H 2 * * *", "UTC", {.gap = gap::skip, .name = "backup"})));
    EXPECT_EQ(schedule::parse(
                  R"(every_months(1, "2026-01-31T00:00:00", {.month_end = month_end::skip}))"),
              every_months(1, "2026-01-31T00:00:00", "UTC", {.month_end = month_end::skip}));
}

TEST(schedule_text, may_have_durations_in_short) {
    EXPECT_EQ(schedule::parse(R"(every_interval("1h30m"))"), every_interval(90min));
}

TEST(schedule_text, nests_as_deep_as_256_and_no_deeper) {
    schedule s = once(wall_time());
    for (int depth = 2; depth <= 256; ++depth) s = until(std::move(s), wall_time());
    EXPECT_EQ(schedule::parse(s.text()), s);
    const std::string deeper = until(s, wall_time()).text();
    EXPECT_EQ(refused(deeper).expected, "at most 256 expressions within each other");
    std::string endless;
    for (int i = 0; i < 100'000; ++i) endless += "any_of(";
    EXPECT_EQ(refused(endless).offset, 256 * 7u);
}

// ---- what is refused ----------------------------------------------------------------------------

TEST(schedule_text, refuses_a_misspelt_function_with_the_nearest_name) {
    const refusal r = refused(R"(any_of(once("2026-01-01T00:00:00Z"), evry_days(1)))");
    EXPECT_EQ(r.offset, 37u);
    EXPECT_EQ(r.hint, "did you mean every_days?");
    EXPECT_EQ(refused(R"(except(@daily, on_weekday({Monday})))").offset, 7u);
    EXPECT_EQ(refused(R"(except(cron("@daily"), on_weekday({Monday})))").hint,
              "did you mean on_weekdays?");
}

TEST(schedule_text, tells_where_in_the_whole_a_nested_text_is_wrong) {
    EXPECT_EQ(refused(R"(cron("0 61 * * *"))").offset, 8u);
    EXPECT_EQ(refused(R"(any_of(cron("0 7 * * *"), cron("0 61 * * *")))").offset, 34u);
    EXPECT_EQ(refused(R"(once("2026-13-01T00:00:00Z"))").offset, 11u);
    EXPECT_EQ(refused(R"(every_days(1, "2026-01-01T00:60:00"))").offset, 29u);
    EXPECT_EQ(refused(R"(every_interval("1x"))").offset, 17u);
    EXPECT_EQ(refused(R"(except(cron("@daily"), on_dates({"2026-01-01", "2026-02-30"})))").offset,
              56u);
    EXPECT_EQ(refused(R"(except(cron("@daily"), daily_between("6:00", "07:00")))").offset, 39u);
}

TEST(schedule_text, keeps_the_remedy_of_a_nested_text) {
    EXPECT_EQ(refused(R"(any_of(cron("H 7 * * *")))").mended_by, cicada::remedy::name_for_hash);
    EXPECT_EQ(refused(R"(cron("0 0 LW * *"))").mended_by, cicada::remedy::quartz_dialect);
}

TEST(schedule_text, tells_of_an_unknown_zone_where_it_stands) {
    const refusal r = refused(R"(cron("0 7 * * *", "Europe/Berln"))");
    EXPECT_EQ(r.offset, 19u);
    EXPECT_EQ(r.expected, "a time zone");
    EXPECT_NE(r.hint.find("Europe/Berlin"), std::string::npos);
}

TEST(schedule_text, refuses_numbers_that_are_no_count) {
    for (const char* text :
         {R"(every_days(0, "2026-01-01T00:00:00"))", R"(every_days(-1, ""))",
          R"(every_days(2147483648, ""))", R"(every_days(1x, ""))", R"(every_days("1", ""))"}) {
        EXPECT_EQ(refused(text).offset, 11u);
    }
}

TEST(schedule_text, tells_what_is_wrong_about_arguments_together) {
    const refusal r = refused(R"(except(cron("@daily"), daily_between("06:00", "06:00")))");
    EXPECT_EQ(r.offset, 23u);
    EXPECT_TRUE(r.hint.starts_with("daily_between needs two times that differ")) << r.hint;
    EXPECT_EQ(refused(R"(every_interval("PT0S"))").hint,
              "every_interval needs a period greater than zero");
}

TEST(schedule_text, refuses_a_filter_that_stands_alone) {
    EXPECT_TRUE(refused("on_weekdays({Monday})").hint.starts_with("on_weekdays is what except("));
}

TEST(schedule_text, refuses_options_of_other_functions) {
    EXPECT_EQ(refused(R"(cron("@daily", month_end::skip))").offset, 15u);
    EXPECT_EQ(refused(R"(every_days(1, "2026-01-01T00:00:00", dialect::quartz))").offset, 37u);
    EXPECT_EQ(refused(R"(cron("@daily", {.gap = dialect::quartz}))").offset, 17u);
}

TEST(schedule_text, refuses_what_is_incomplete_or_too_much) {
    EXPECT_EQ(refused("").offset, 0u);
    EXPECT_EQ(refused("  ").offset, 0u);
    EXPECT_EQ(refused("any_of()").offset, 7u);
    EXPECT_EQ(refused(R"(cron("@daily")").offset, 14u - 1u);
    EXPECT_EQ(refused(R"(cron("@daily) )").expected, "a '\"' at the end of the text");
    EXPECT_EQ(refused(R"(cron("@daily") 1)").expected, "the end");
    EXPECT_EQ(refused(R"(except(cron("@daily"), on_weekdays(Monday)))").expected, "a '{'");
    EXPECT_EQ(refused(R"(except(cron("@daily"), on_weekdays({Mon})))").offset, 36u);
    refused("daily");
}

} // namespace
