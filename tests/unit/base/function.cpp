#include <cicada/base/function.hpp>

#include <memory>

#include <gtest/gtest.h>

#include <support/counted.hpp>

using cicada::detail::function;

TEST(function, is_empty_until_it_is_given_something) {
    const function<int(int)> none;
    const function<int(int)> null = nullptr;
    const function<int(int)> twice = [](int n) { return 2 * n; };
    EXPECT_FALSE(none);
    EXPECT_FALSE(null);
    EXPECT_TRUE(twice);
    EXPECT_EQ(twice(4), 8);
}

TEST(function, shares_its_callable_among_copies_and_destroys_it_with_the_last) {
    int alive = 0;
    {
        int calls = 0;
        function<int()> first = [held = support::counted(alive), calls]() mutable {
            return ++calls;
        };
        EXPECT_EQ(alive, 1);
        const function<int()> second = first;
        EXPECT_EQ(first(), 1);
        EXPECT_EQ(second(), 2);
        first = nullptr;
        EXPECT_EQ(alive, 1);
        EXPECT_EQ(second(), 3);
    }
    EXPECT_EQ(alive, 0);
}

TEST(function, takes_move_only_callables_and_arguments) {
    const function<int(std::unique_ptr<int>)> f =
        [own = std::make_unique<int>(2)](std::unique_ptr<int> n) { return *own + *n; };
    EXPECT_EQ(f(std::make_unique<int>(3)), 5);
}
