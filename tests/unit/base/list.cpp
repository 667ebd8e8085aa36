#include <cicada/base/list.hpp>

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace {

struct item : cicada::detail::list_links<item> {
    char name = 0;
};
using item_list = cicada::detail::list<item>;

std::string names(const item_list& l) {
    std::string all;
    for (const item* one = l.front(); one; one = item_list::after(*one)) all += one->name;
    return all;
}

struct list_of_items : ::testing::Test {
    list_of_items() {
        for (int i = 0; i < 4; ++i)
            items[static_cast<std::size_t>(i)].name = static_cast<char>('a' + i);
    }
    std::array<item, 4> items;
    item_list list;
};

} // namespace

TEST_F(list_of_items, keeps_the_order_in_which_they_came) {
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.pop_front(), nullptr);
    for (item& one : items) list.push_back(one);
    EXPECT_EQ(names(list), "abcd");
    EXPECT_EQ(list.pop_front()->name, 'a');
    EXPECT_EQ(names(list), "bcd");
}

TEST_F(list_of_items, loses_one_at_either_end_and_in_the_middle) {
    for (item& one : items) list.push_back(one);
    list.erase(items[1]);
    EXPECT_EQ(names(list), "acd");
    list.erase(items[0]);
    EXPECT_EQ(names(list), "cd");
    list.erase(items[3]);
    EXPECT_EQ(names(list), "c");
    list.erase(items[2]);
    EXPECT_TRUE(list.empty());
    list.push_back(items[1]);
    list.push_back(items[0]);
    EXPECT_EQ(names(list), "ba") << "an element may come back";
}
