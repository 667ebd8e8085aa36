#include <cicada/schedule/nearest.hpp>

#include <gmock/gmock.h>

using cicada::nearest_names;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {
const std::vector<std::string> names = {
    "America/New_York", "Europe/Berlin", "Europe/Bern", "Europe/London", "GB", "US/Berlin"};
}

TEST(nearest_names, are_those_that_differ_in_case_or_in_spaces_only) {
    EXPECT_THAT(nearest_names("europe/BERLIN", names), ElementsAre("Europe/Berlin"));
    EXPECT_THAT(nearest_names("america/new york", names), ElementsAre("America/New_York"));
}

TEST(nearest_names, are_those_whose_last_part_is_meant) {
    EXPECT_THAT(nearest_names("berlin", names), ElementsAre("Europe/Berlin", "US/Berlin"));
    EXPECT_THAT(nearest_names("New York", names), ElementsAre("America/New_York"));
}

TEST(nearest_names, are_those_that_are_misspelt_the_least_first) {
    EXPECT_THAT(nearest_names("Europe/Berm", names), ElementsAre("Europe/Bern", "Europe/Berlin"));
    EXPECT_THAT(nearest_names("Lodnon", names), ElementsAre("Europe/London"));
}

TEST(nearest_names, are_three_at_most) {
    EXPECT_THAT(nearest_names("Etc/UT", {"Etc/UT1", "Etc/UT2", "Etc/UT3", "Etc/UT4"}),
                ElementsAre("Etc/UT1", "Etc/UT2", "Etc/UT3"));
}

TEST(nearest_names, are_none_if_nothing_is_near) {
    EXPECT_THAT(nearest_names("Mars/Olympus", names), IsEmpty());
    EXPECT_THAT(nearest_names("", names), IsEmpty());
    EXPECT_THAT(nearest_names(std::string(1'000'000, 'x'), names), IsEmpty());
}
