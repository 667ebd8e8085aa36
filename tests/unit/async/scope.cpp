#include <cicada/async/scope.hpp>

#include <string>

#include <cicada/async/event.hpp>
#include <cicada/async/shield.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;
using support::counted;

namespace {

task<> fail(std::string what) {
    throw std::runtime_error(what);
    co_return;
}
task<> fail_when_cancelled(event& never, std::string what) {
    try {
        co_await never.wait();
    } catch (const cancelled&) {
        throw std::runtime_error(what);
    }
}
task<> wait(event& e, int& cancelled_count) {
    try {
        co_await e.wait();
    } catch (const cancelled&) {
        ++cancelled_count;
        throw;
    }
}
std::string what_of(const std::exception_ptr& error) { return detail::describe(error); }

} // namespace

TEST(scope, ends_when_its_body_and_every_child_has) {
    bare on;
    event go;
    std::string log;
    const auto handle = spawn([&]() -> task<> {
        co_await with_scope([&](scope& s) -> task<> {
            for (const char* name : {"a", "b"}) {
                s.spawn(
                    [](event& e, std::string& l, const char* n) -> task<> {
                        co_await e.wait();
                        l += n;
                    },
                    std::ref(go), std::ref(log), name);
            }
            EXPECT_EQ(s.size(), 2u);
            log += "body ";
            co_return;
        });
        log += " after";
    });
    on.settle();
    EXPECT_EQ(log, "body ");
    go.set();
    on.settle();
    EXPECT_EQ(log, "body ab after");
}

TEST(scope, gives_what_its_body_gave) {
    bare on;
    event go;
    go.set();
    int n = 0;
    EXPECT_EQ(on.run([&]() -> task<std::string> {
        co_return co_await with_scope([&](scope& s) -> task<std::string> {
            s.spawn(wait(go, n));
            co_return "value";
        });
    }),
              "value");
}

TEST(scope, without_children_and_without_a_suspension_ends_at_once) {
    bare on;
    bool ended = false;
    const auto handle = spawn([&]() -> task<> {
        co_await with_scope([](scope&) -> task<> { co_return; });
        ended = true;
    });
    on.turn();
    EXPECT_TRUE(ended);
}

TEST(scope, starts_children_in_the_next_turn) {
    bare on;
    std::string log;
    on.run([&]() -> task<> {
        co_await with_scope([&](scope& s) -> task<> {
            s.spawn(
                [](std::string& l) -> task<> {
                    l += "child";
                    co_return;
                },
                std::ref(log));
            log += "body ";
            co_return;
        });
    });
    EXPECT_EQ(log, "body child");
}

TEST(scope, refuses_an_empty_task) {
    bare on;
    on.run([]() -> task<> {
        EXPECT_THROW(co_await with_scope([](scope& s) -> task<> {
                         task<> work = fail("never run");
                         const task<> elsewhere = std::move(work);
                         s.spawn(std::move(work));
                         co_return;
                     }),
                     std::invalid_argument);
    });
}

TEST(scope, cancels_siblings_and_body_when_a_child_fails_and_rethrows_its_error) {
    bare on;
    event never;
    int cancelled_count = 0;
    on.run([&]() -> task<> {
        EXPECT_THROW(co_await with_scope([&](scope& s) -> task<> {
                         s.spawn(wait(never, cancelled_count));
                         s.spawn(fail("child"));
                         s.spawn(wait(never, cancelled_count));
                         co_await wait(never, cancelled_count);
                     }),
                     std::runtime_error);
        co_await yield(); // the request to the body was taken back
    });
    EXPECT_EQ(cancelled_count, 2) << "the body and the first; the last had not begun";
    EXPECT_TRUE(on.errors.empty());
}

TEST(scope, rethrows_the_first_error_and_brings_the_others_to_the_error_handler) {
    bare on;
    event never;
    on.run([&]() -> task<> {
        try {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(fail_when_cancelled(never, "second"));
                s.spawn(fail_when_cancelled(never, "third"));
                co_await yield();
                throw std::runtime_error("first");
            });
        } catch (const std::runtime_error&) {
            EXPECT_EQ(what_of(std::current_exception()), "first");
        }
    });
    EXPECT_EQ(on.errors, (std::vector<std::string>{": second", ": third"}));
}

TEST(scope, brings_the_error_of_a_body_that_it_cancelled_to_the_error_handler) {
    bare on;
    event never;
    on.run([&]() -> task<> {
        try {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(fail("child"));
                co_await fail_when_cancelled(never, "body");
            });
        } catch (const std::runtime_error&) {
            EXPECT_EQ(what_of(std::current_exception()), "child");
        }
        co_await yield();
    });
    EXPECT_EQ(on.errors, std::vector<std::string>{": body"});
}

TEST(scope, passes_a_request_on_to_its_children_and_joins_them_before_it_throws) {
    bare on;
    event never;
    event cleaned;
    auto handle = spawn([&]() -> task<> {
        co_await with_scope([&](scope& s) -> task<> {
            s.spawn(
                [](event& e, event& c) -> task<> {
                    try {
                        co_await e.wait();
                    } catch (const cancelled&) {
                    }
                    co_await c.wait();
                },
                std::ref(never), std::ref(cleaned));
            co_return;
        });
        ADD_FAILURE() << "the request was lost";
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_FALSE(handle.has_ended()) << "a child still cleans up";
    cleaned.set();
    on.settle();
    EXPECT_TRUE(handle.has_ended());
}

TEST(scope, cancels_a_child_that_comes_after_an_error_before_its_first_step) {
    bare on;
    event never;
    bool ran = false;
    int alive = 0;
    on.run([&]() -> task<> {
        EXPECT_THROW(co_await with_scope([&](scope& s) -> task<> {
                         s.spawn(fail("child"));
                         try {
                             co_await never.wait();
                         } catch (const cancelled&) {
                             s.spawn(
                                 [&ran](counted) -> task<> {
                                     ran = true;
                                     co_return;
                                 },
                                 counted(alive));
                             throw;
                         }
                     }),
                     std::runtime_error);
    });
    EXPECT_FALSE(ran);
    EXPECT_EQ(alive, 0);
}

TEST(scope, may_cancel_its_children_and_go_on) {
    bare on;
    event never;
    int cancelled_count = 0;
    EXPECT_EQ(on.run([&]() -> task<int> {
        co_return co_await with_scope([&](scope& s) -> task<int> {
            s.spawn(wait(never, cancelled_count));
            co_await yield();
            s.cancel_children();
            co_await yield();
            co_await yield();
            EXPECT_EQ(s.size(), 0u);
            co_return 3;
        });
    }),
              3);
    EXPECT_EQ(cancelled_count, 1);
}

TEST(scope, lets_children_start_siblings) {
    bare on;
    int ran = 0;
    struct grower {
        static task<> grow(scope& s, int& n, int generations) {
            ++n;
            co_await yield();
            if (generations == 0) co_return;
            s.spawn(grow(s, n, generations - 1));
            s.spawn(grow(s, n, generations - 1));
        }
    };
    on.run([&]() -> task<> {
        co_await with_scope([&](scope& s) -> task<> {
            s.spawn(grower::grow(s, ran, 6));
            co_return;
        });
    });
    EXPECT_EQ(ran, 127);
}

TEST(scope, forgets_a_request_that_was_swallowed_before_it_began) {
    // The parent was cancelled once and went on. A child's error must not bring that request back.
    bare on;
    event never;
    bool went_on = false;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
        }
        try {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(fail("child"));
                co_await never.wait();
            });
        } catch (const std::runtime_error&) {
        }
        co_await yield();
        went_on = true;
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_TRUE(went_on);
}

TEST(scope, forgets_a_request_that_was_swallowed_within_it) {
    // The same, with the request delivered to the body of the scope: the scope's own brought it
    // back, when the body saw that as well ...
    bare on;
    event never;
    std::string log;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await with_scope([&](scope& s) -> task<> {
                try {
                    co_await never.wait();
                } catch (const cancelled&) {
                }
                s.spawn(fail("child"));
                co_await never.wait();
            });
        } catch (const std::runtime_error& e) {
            log += e.what();
        }
        co_await yield();
        log += " went on";
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_EQ(log, "child went on");
}

TEST(scope, takes_its_request_back_also_after_another_was_swallowed_within_it) {
    // ... and when it did not.
    bare on;
    event never;
    std::string log;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await with_scope([&](scope& s) -> task<> {
                try {
                    co_await never.wait();
                } catch (const cancelled&) {
                }
                s.spawn(fail("child"));
                co_await shield(yield());
            });
        } catch (const std::runtime_error& e) {
            log += e.what();
        }
        co_await yield();
        log += " went on";
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_EQ(log, "child went on");
}

TEST(scope, nested_ten_thousand_deep_is_cancelled_in_bounded_stack) {
    struct nest {
        static task<> down(int n, event& never) {
            if (n == 0) {
                co_await never.wait();
                co_return;
            }
            co_await with_scope([n, &never](scope& s) -> task<> {
                s.spawn(down(n - 1, never));
                co_return;
            });
        }
    };
    bare on;
    event never;
    auto handle = spawn(nest::down(10'000, never));
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_TRUE(handle.has_ended());
    EXPECT_TRUE(on.is_idle());
}

TEST(scope, destroyed_in_the_middle_destroys_its_children_and_what_they_hold) {
    int alive = 0;
    event never;
    {
        bare on;
        auto handle = spawn([&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn([](counted, event& e) -> task<> { co_await e.wait(); }, counted(alive),
                        std::ref(never));
                co_await never.wait();
            });
        });
        handle.detach();
        on.settle();
        EXPECT_GT(alive, 0);
    }
    EXPECT_EQ(alive, 0);
}

TEST(scope, destroyed_in_the_middle_may_go_before_a_section_that_its_body_awaits) {
    // The task that the body awaits belongs to the frame around the scope.
    event never;
    bool began = false;
    {
        bare on;
        auto handle = spawn([&]() -> task<> {
            auto section = shield(never.wait());
            co_await with_scope([&](scope&) -> task<> {
                began = true;
                co_await std::move(section);
            });
        });
        handle.detach();
        on.settle();
    }
    EXPECT_TRUE(began);
}
