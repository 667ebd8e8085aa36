#include <cicada/store/errors.hpp>

#include <set>
#include <string>

#include <gtest/gtest.h>

using namespace cicada;

TEST(store_error, says_where_what_and_how_to_mend_it) {
    const store_error error(store_fault::owned_by_another, "jobs.db", "is owned by process 7",
                            "end that one first");
    EXPECT_STREQ(error.what(), "cicada: \"jobs.db\" is owned by process 7: end that one first");
    EXPECT_EQ(error.fault(), store_fault::owned_by_another);
    EXPECT_EQ(error.place(), "jobs.db");
}

TEST(store_error, has_a_name_for_each_fault) {
    std::set<std::string_view> names;
    for (int n = 0; n <= static_cast<int>(store_fault::bad_url); ++n) {
        const std::string_view name = to_string(static_cast<store_fault>(n));
        EXPECT_FALSE(name.empty()) << n;
        EXPECT_TRUE(names.insert(name).second) << name;
    }
}
