#include <store/postgres/text.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include <base/utf8.hpp>
#include <gtest/gtest.h>

using namespace cicada::detail;

namespace {

std::string stored(std::string_view text) {
    std::string made;
    store_text(text, made);
    return made;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_character(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Texts of bytes that are near what is marked, and of parts of characters.
std::string some_text(std::mt19937_64& random) {
    constexpr std::string_view bytes("\0\1\2\3az09\x7f\x80\xbf\xc3\xa4\xe2\x82\xac\xed\xa0\xf0\xff",
                                     22);
    std::string made;
    for (std::size_t left = random() % 12; left > 0; --left) made += bytes[random() % bytes.size()];
    return made;
}

} // namespace

TEST(postgres_text, is_kept_as_it_is_if_it_is_ordinary) {
    for (const std::string_view text :
         {"", "a", "{\"a\": [1]}\t\r\n\2", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x9d", "\\ ' $1"}) {
        EXPECT_EQ(stored(text), text);
        EXPECT_EQ(restore_text(text), text);
    }
}

TEST(postgres_text, marks_what_the_server_does_not_take) {
    EXPECT_EQ(stored(std::string_view("a\0b", 3)), "a\1\1b");
    EXPECT_EQ(stored("a\1b"), "a\1\2b");
    EXPECT_EQ(stored("\xff"), "\1ff");
    EXPECT_EQ(stored("\xc3"), "\1c3"); // a character that is cut off
    EXPECT_EQ(stored("\xed\xa0\x80"), "\1ed\1a0\1"
                                      "80"); // a surrogate
    EXPECT_EQ(stored("\xc0\x80"), "\1c0\1"
                                  "80"); // a NUL that is longer than it may be
}

TEST(postgres_text, comes_back_byte_by_byte) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text(3, static_cast<char>(byte));
        EXPECT_EQ(restore_text(stored(text)), text) << byte;
    }
    std::mt19937_64 random(20261127);
    for (int i = 0; i < 100'000; ++i) {
        const std::string text = some_text(random);
        const std::string there = stored(text);
        ASSERT_TRUE(is_utf8(there) && there.find('\0') == std::string::npos)
            << testing::PrintToString(text);
        ASSERT_EQ(restore_text(there), text) << testing::PrintToString(text);
    }
}

TEST(postgres_text, is_in_the_order_of_its_bytes_if_it_is_utf8) {
    std::mt19937_64 random(20261127);
    std::vector<std::string> all;
    while (all.size() < 500) {
        std::string text = some_text(random);
        if (is_utf8(text)) all.push_back(std::move(text));
    }
    for (const std::string& a : all)
        for (const std::string& b : all) ASSERT_EQ(stored(a) < stored(b), a < b);
}

TEST(postgres_text, that_others_have_cut_off_is_read_as_far_as_it_goes) {
    EXPECT_EQ(restore_text("a\1"), "a");
    EXPECT_EQ(restore_text("a\1f"), "a");
}
