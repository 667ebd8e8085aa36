#include <jobs/text.hpp>

#include <gtest/gtest.h>

namespace {

using namespace cicada::detail;
using std::string;
using namespace std::string_literals;

const string unknown = "\xEF\xBF\xBD"; // U+FFFD

TEST(clean_text, leaves_text_as_it_is) {
    EXPECT_EQ(clean_text("", 100), "");
    EXPECT_EQ(clean_text("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\xA6\x97", 100),
              "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\xA6\x97");
}

TEST(clean_text, replaces_what_is_no_utf8) {
    EXPECT_EQ(clean_text("a\0b"s, 100), "a" + unknown + "b");
    EXPECT_EQ(clean_text("a\xFF", 100), "a" + unknown);
    EXPECT_EQ(clean_text("\xC3", 100), unknown); // the rest is missing
    EXPECT_EQ(clean_text("\xC0\x80", 100), unknown + unknown); // overlong
    EXPECT_EQ(clean_text("\xED\xA0\x80", 100), unknown + unknown + unknown); // a surrogate
    EXPECT_EQ(clean_text("\xF4\x90\x80\x80z", 100), unknown + unknown + unknown + unknown + "z");
}

TEST(clean_text, cuts_between_two_characters_and_says_so) {
    EXPECT_EQ(clean_text("0123456789", 10), "0123456789");
    EXPECT_EQ(clean_text("01234567890", 10), "01234[...]");
    EXPECT_EQ(clean_text("0123\xE2\x82\xAC\xE2\x82\xAC", 9), "0123[...]");
    EXPECT_EQ(clean_text("01234567890", 10, kept_part::end), "[...]67890");
    EXPECT_EQ(clean_text("\xE2\x82\xAC\xE2\x82\xAC"
                         "3210",
                         9, kept_part::end),
              "[...]3210");
}

TEST(clean_text, never_gives_more_than_it_may_nor_what_is_unclean) {
    for (const kept_part part : {kept_part::beginning, kept_part::end}) {
        for (std::size_t length = 0; length < 40; ++length) {
            string text;
            for (std::size_t i = 0; i < length; ++i)
                text += i % 5 == 3 ? "\xF0\x9F\xA6\x97"s : i % 3 == 0 ? "\x80"s : "x"s;
            for (std::size_t most = 8; most < 60; ++most) {
                const string out = clean_text(text, most, part);
                EXPECT_LE(out.size(), most);
                EXPECT_FALSE(find_unclean(out)) << out;
            }
        }
    }
}

TEST(clean_text, takes_no_longer_for_what_is_very_long) {
    const string text(100'000'000, '\xFF');
    EXPECT_LE(clean_text(text, most_reason).size(), most_reason);
    EXPECT_LE(clean_text(text, most_log, kept_part::end).size(), most_log);
}

TEST(find_unclean, says_where) {
    EXPECT_EQ(find_unclean("fine"), std::nullopt);
    EXPECT_EQ(find_unclean("ab\0c"s), 2u);
    EXPECT_EQ(find_unclean("\xC3\xBC\xC3"), 2u);
}

} // namespace
