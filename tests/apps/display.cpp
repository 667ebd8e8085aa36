#include "display.hpp"

#include <gtest/gtest.h>

using namespace cicada::app;

TEST(display, counts_columns_not_bytes) {
    EXPECT_EQ(width_of("abc"), 3u);
    EXPECT_EQ(width_of("größe"), 5u);
    EXPECT_EQ(width_of("日本"), 4u);
    EXPECT_EQ(width_of("e\u0301"), 1u); // a combining accent
}

TEST(display, shows_nothing_that_a_terminal_obeys) {
    EXPECT_EQ(displayed("a\033[31mb\n"), "a?[31mb?");
    EXPECT_EQ(displayed("a\tb"), "a b");
    EXPECT_EQ(displayed("a\u202eb"), "a?b"); // turns the direction of writing
    EXPECT_EQ(displayed("\xff\xc3"), "??");
    EXPECT_EQ(displayed("\xc0\x80\xed\xa0\x80"), "?????"); // overlong, and half of a surrogate pair
    EXPECT_EQ(width_of("\033\xff"), 2u);
}

TEST(display, goes_from_characters_to_bytes_and_back) {
    EXPECT_EQ(offset_of("aöb", 2), 3u);
    EXPECT_EQ(offset_of("aöb", 9), 4u);
    EXPECT_EQ(character_at("aöb", 3), 2u);
    EXPECT_EQ(character_at("aöb", 99), 3u);
}

TEST(display, pads_to_columns) {
    EXPECT_EQ(padded("ö", 3), "ö  ");
    EXPECT_EQ(padded("abcd", 3), "abcd");
}
