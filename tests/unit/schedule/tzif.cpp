#include <schedule/tzif.hpp>

#include <cicada/base/rfc3339.hpp>

#include <limits>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <support/tzif_bytes.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using cicada::detail::parse_tzif;
using cicada::detail::zone_rules;
using std::chrono::seconds;
using support::tzif_bytes;

namespace {

wall_time at(std::int64_t second) { return wall_time(seconds(second)); }

/// LMT until 1000, then AAA, then in daylight time BBB from 2000 on.
tzif_bytes small() {
    return {.changes = {{1000, 1}, {2000, 2}},
            .types = {{561, 0, 0}, {3600, 0, 4}, {7200, 1, 8}},
            .names = std::string("LMT\0AAA\0BBB\0", 12)};
}

void expect_refused(const tzif_bytes& file, const char* why) {
    try {
        parse_tzif(file.bytes());
        ADD_FAILURE() << "accepted; expected: " << why;
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
    }
}

} // namespace

TEST(tzif, reads_all_versions) {
    for (const char version : {'\0', '2', '3', '4', '5'}) {
        tzif_bytes file = small();
        file.version = version;
        const zone_rules rules = parse_tzif(file.bytes());
        ASSERT_EQ(rules.stretches(), 3u) << version;
        EXPECT_EQ(rules.at(at(999)).offset, 561s);
        EXPECT_EQ(rules.at(at(999)).abbreviation, "LMT");
        EXPECT_EQ(rules.at(at(1000)).offset, 3600s);
        EXPECT_EQ(rules.at(at(1999)).is_dst, false);
        EXPECT_EQ(rules.at(at(2000)).is_dst, true);
        EXPECT_EQ(rules.at(at(2000)).abbreviation, "BBB");
        EXPECT_EQ(rules.at(at(1500)).from, at(1000));
        EXPECT_EQ(rules.at(at(1500)).until, at(2000));
    }
}

TEST(tzif, reads_times_beyond_32_bits) {
    tzif_bytes file = small();
    file.changes = {{-5'000'000'000, 1}, {5'000'000'000, 2}};
    const zone_rules rules = parse_tzif(file.bytes());
    EXPECT_EQ(rules.at(at(0)).from, at(-5'000'000'000));
    EXPECT_EQ(rules.at(at(0)).until, at(5'000'000'000));
}

TEST(tzif, continues_with_the_string_at_the_end) {
    tzif_bytes file = small();
    file.changes.pop_back();
    file.footer = "AAA-1BBB,M3.5.0,M10.5.0/3";
    const zone_rules rules = parse_tzif(file.bytes());
    EXPECT_EQ(rules.at(parse_instant("2200-07-01T00:00:00Z")).abbreviation, "BBB");
    EXPECT_EQ(rules.at(parse_instant("2200-01-01T00:00:00Z")).abbreviation, "AAA");
    EXPECT_EQ(rules.at(at(2000)).from, at(1000)) << "nothing new: the string agrees";
    EXPECT_EQ(rules.at(at(0)).abbreviation, "LMT") << "the string says nothing of what was before";
}

TEST(tzif, takes_the_string_for_all_of_time_when_there_are_no_changes) {
    tzif_bytes file;
    file.footer = "<+0130>-1:30";
    const zone_rules rules = parse_tzif(file.bytes());
    EXPECT_EQ(rules.stretches(), 1u);
    EXPECT_EQ(rules.at(wall_time::min()).offset, 90min);
    EXPECT_EQ(rules.at(wall_time::max()).abbreviation, "+0130");
    EXPECT_EQ(rules.at(at(0)).from, wall_time::min());
    EXPECT_EQ(rules.at(at(0)).until, wall_time::max());
}

TEST(tzif, leaves_out_changes_that_change_nothing) {
    tzif_bytes file = small();
    file.types.push_back(file.types[1]); // says the same, under another number
    file.changes = {{1000, 1}, {1500, 3}, {1700, 1}, {2000, 2}};
    EXPECT_EQ(parse_tzif(file.bytes()), parse_tzif(small().bytes()));
}

TEST(tzif, keeps_to_what_a_wall_time_can_hold) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    tzif_bytes file = small();
    file.changes = {{-most - 1, 1}, {-9'223'372'037, 2}, {9'223'372'037, 1}, {most, 2}};
    const zone_rules rules = parse_tzif(file.bytes());
    EXPECT_EQ(rules.stretches(), 1u);
    EXPECT_EQ(rules.at(wall_time::min()).abbreviation, "BBB");
    file.changes = {{-9'223'372'036, 1}, {9'223'372'036, 2}};
    EXPECT_EQ(parse_tzif(file.bytes()).at(at(0)).from, at(-9'223'372'036));
    EXPECT_EQ(parse_tzif(file.bytes()).at(at(0)).until, at(9'223'372'036));
}

TEST(tzif, refuses_a_file_cut_short_at_any_byte) {
    for (const char version : {'\0', '2'}) {
        tzif_bytes file = small();
        file.version = version;
        file.footer = "AAA-1";
        file.is_standard = file.is_utc = 3;
        const std::string whole = file.bytes();
        EXPECT_NO_THROW(parse_tzif(whole));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // A copy of just that size, so that reading beyond it is seen by a sanitizer.
            EXPECT_THROW(parse_tzif(std::string(whole, 0, size)), std::invalid_argument) << size;
        }
    }
}

TEST(tzif, refuses_impossible_counts) {
    for (const std::uint32_t count : {0xffff'ffffu, 0x8000'0000u, 100'000u, 0u}) {
        tzif_bytes file = small();
        file.count_of_types = count;
        EXPECT_THROW(parse_tzif(file.bytes()), std::invalid_argument) << count;
        file = small();
        file.count_of_chars = count;
        EXPECT_THROW(parse_tzif(file.bytes()), std::invalid_argument) << count;
        if (count == 0) continue;
        file = small();
        file.count_of_changes = count;
        EXPECT_THROW(parse_tzif(file.bytes()), std::invalid_argument) << count;
        file.version = '\0';
        EXPECT_THROW(parse_tzif(file.bytes()), std::invalid_argument) << count;
    }
    tzif_bytes file = small();
    file.is_utc = 2;
    expect_refused(file, "impossible counts");
    file = small();
    file.is_standard = 1;
    expect_refused(file, "impossible counts");
}

TEST(tzif, refuses_more_changes_than_its_tables_have_room_for) {
    tzif_bytes file = small();
    for (int i = 1; i <= 70'000; ++i)
        file.changes.emplace_back(2000 + i, static_cast<std::uint8_t>(1 + i % 2));
    expect_refused(file, "impossible counts");
}

TEST(tzif, refuses_changes_out_of_order) {
    tzif_bytes file = small();
    file.changes = {{2000, 1}, {1000, 2}};
    expect_refused(file, "not in order");
    file.changes = {{1000, 1}, {1000, 2}};
    expect_refused(file, "not in order");
}

TEST(tzif, refuses_types_that_cannot_be) {
    tzif_bytes file = small();
    file.changes[0].second = 3;
    expect_refused(file, "names a type it lacks");
    file = small();
    file.types[1].offset = 93'600;
    expect_refused(file, "-25 to +26 hours");
    file.types[1].offset = -90'000;
    expect_refused(file, "-25 to +26 hours");
    file.types[1].offset = std::numeric_limits<std::int32_t>::min();
    expect_refused(file, "-25 to +26 hours");
    file = small();
    file.types[1].is_dst = 2;
    expect_refused(file, "impossible local time type");
    file = small();
    file.types[1].name_at = 12;
    expect_refused(file, "impossible local time type");
    file = small();
    file.names.back() = 'C'; // no end
    expect_refused(file, "impossible local time type");
}

TEST(tzif, refuses_what_is_another_format) {
    tzif_bytes file = small();
    file.version = '1';
    expect_refused(file, "unknown version");
    EXPECT_THROW(parse_tzif("# version 2025b\n"), std::invalid_argument);
}

TEST(tzif, refuses_leap_seconds) {
    tzif_bytes file = small();
    file.leaps = 27;
    expect_refused(file, "leap seconds");
}

TEST(tzif, refuses_a_bad_string_at_the_end) {
    tzif_bytes file = small();
    file.footer = "AAA-1BBB";
    EXPECT_THROW(parse_tzif(file.bytes()), parse_error);
    file.footer = "AAA-25";
    EXPECT_THROW(parse_tzif(file.bytes()), parse_error);
    std::string bytes = small().bytes();
    bytes[bytes.size() - 2] = 'A'; // where the line begins
    EXPECT_THROW(parse_tzif(bytes), std::invalid_argument);
}
