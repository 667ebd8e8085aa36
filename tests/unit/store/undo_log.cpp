#include <store/memory/undo_log.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

using cicada::detail::undo_log;

namespace {

using table = std::map<int, std::string>;

} // namespace

TEST(undo_log, undoes_what_was_inserted_erased_and_assigned) {
    table rows = {{1, "one"}, {2, "two"}};
    std::set<int> index = {1, 2};
    undo_log log;
    EXPECT_TRUE(log.insert(rows, {3, "three"}));
    log.erase(rows, 1);
    log.assign(rows.at(2), std::string("zwei"));
    log.insert(index, 3);
    log.erase(index, 1);
    EXPECT_EQ(rows, (table{{2, "zwei"}, {3, "three"}}));
    EXPECT_EQ(index, (std::set{2, 3}));
    log.back_to(0);
    EXPECT_EQ(rows, (table{{1, "one"}, {2, "two"}}));
    EXPECT_EQ(index, (std::set{1, 2}));
    EXPECT_TRUE(log.empty());
}

TEST(undo_log, goes_back_to_where_it_was) {
    table rows;
    undo_log log;
    log.insert(rows, {1, "one"});
    const auto before = log.size();
    log.insert(rows, {2, "two"});
    log.erase(rows, 1);
    log.back_to(before);
    EXPECT_EQ(rows, (table{{1, "one"}}));
    log.back_to(before);
    EXPECT_EQ(rows.size(), 1u) << "once";
    log.back_to(0);
    EXPECT_TRUE(rows.empty());
}

TEST(undo_log, undoes_many_changes_of_one_place) {
    table rows = {{1, "a"}};
    undo_log log;
    log.assign(rows.at(1), std::string("b"));
    log.assign(rows.at(1), std::string("c"));
    log.erase(rows, 1);
    log.insert(rows, {1, "d"});
    log.assign(rows.at(1), std::string("e"));
    log.erase(rows, rows.find(1));
    log.back_to(4);
    EXPECT_EQ(rows.at(1), "d");
    log.back_to(2);
    EXPECT_EQ(rows.at(1), "c");
    log.back_to(0);
    EXPECT_EQ(rows.at(1), "a");
}

TEST(undo_log, what_was_not_changed_is_not_undone) {
    table rows = {{1, "one"}};
    undo_log log;
    EXPECT_FALSE(log.insert(rows, {1, "another"}));
    log.erase(rows, 7);
    EXPECT_TRUE(log.empty());
    log.back_to(0);
    EXPECT_EQ(rows, (table{{1, "one"}}));
}

TEST(undo_log, what_comes_back_is_where_it_was) {
    table rows = {{1, "one"}};
    const std::string* const place = &rows.at(1);
    undo_log log;
    log.erase(rows, 1);
    log.back_to(0);
    EXPECT_EQ(&rows.at(1), place);
}

TEST(undo_log, that_is_dropped_leaves_all_as_it_is) {
    table rows;
    {
        undo_log log;
        log.insert(rows, {1, "one"});
        log.insert(rows, {2, "two"});
        log.erase(rows, 1);
        log.assign(rows.at(2), std::string("zwei"));
    }
    EXPECT_EQ(rows, (table{{2, "zwei"}}));
}

TEST(undo_log, holds_what_it_undoes_by_moving) {
    std::map<int, std::unique_ptr<int>> rows;
    rows[1] = std::make_unique<int>(5);
    undo_log log;
    log.assign(rows.at(1), std::make_unique<int>(6));
    EXPECT_EQ(*rows.at(1), 6);
    log.back_to(0);
    EXPECT_EQ(*rows.at(1), 5);
}
