// glib_host: its contexts, its shutdown, and what it leaves behind.
#include <conformance/conformance.hpp>

#include <memory>
#include <optional>
#include <thread>

#include <cicada/hosts/glib.hpp>
#include <glib.h>

using namespace std::chrono_literals;
using cicada::task;

namespace {

/// Whether a context has a source of a host.
bool has_source(GMainContext* context) {
    for (guint id = 1; id < 100; ++id) {
        GSource* source = g_main_context_find_source_by_id(context, id);
        if (source && g_strcmp0(g_source_get_name(source), "cicada") == 0) return true;
    }
    return false;
}

class glib_host : public testing::Test {
protected:
    ~glib_host() override {
        host.reset();
        EXPECT_FALSE(has_source(context));
        g_main_context_unref(context);
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_);
    }
    void iterate_until_drained() {
        while (!host->is_drained()) g_main_context_iteration(context, TRUE);
    }

    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
    GMainContext* context = g_main_context_new();
    std::optional<cicada::glib_host> host{std::in_place, context};
};

TEST_F(glib_host, has_one_source_in_the_context_that_it_was_given_until_it_goes) {
    EXPECT_TRUE(has_source(context));
    EXPECT_FALSE(has_source(g_main_context_default()));
    const cicada::glib_host other; // in the default one
    EXPECT_TRUE(has_source(g_main_context_default()));
}

TEST_F(glib_host, takes_the_default_context_of_the_thread_that_makes_it) {
    GMainContext* own = g_main_context_new();
    g_main_context_push_thread_default(own);
    {
        const cicada::glib_host other;
        EXPECT_TRUE(has_source(own));
        EXPECT_FALSE(has_source(g_main_context_default()));
    }
    g_main_context_pop_thread_default(own);
    g_main_context_unref(own);
}

TEST_F(glib_host, has_the_priority_that_it_was_given) {
    std::string log;
    cicada::glib_host low(context, {.priority = G_PRIORITY_LOW});
    cicada::glib_host high(context, {.priority = G_PRIORITY_HIGH});
    low.get().post([&] { log += "low "; });
    host->get().post([&] { log += "default "; });
    high.get().post([&] { log += "high "; });
    while (g_main_context_iteration(context, FALSE)) {
    }
    EXPECT_EQ(log, "high default low ");
}

TEST_F(glib_host, is_not_drained_while_a_post_waits_for_its_turn) {
    bool ran = false;
    host->get().post([&] { host->get().post([&] { ran = true; }); });
    EXPECT_FALSE(host->is_drained());
    iterate_until_drained();
    EXPECT_TRUE(ran);
}

TEST_F(glib_host, lets_others_have_their_turn_while_its_loop_is_never_idle) {
    cicada::spawn(host->get(), []() -> task<> {
        for (;;) co_await cicada::yield();
    }).detach();
    GSource* other = g_timeout_source_new(5);
    g_source_set_callback(
        other,
        [](gpointer of) {
            static_cast<cicada::glib_host*>(of)->close();
            return G_SOURCE_REMOVE;
        },
        &*host, nullptr);
    g_source_attach(other, context);
    g_source_unref(other);
    iterate_until_drained(); // would not end if the timeout starved
}

TEST_F(glib_host, that_is_closed_cleans_up_in_the_turns_that_follow) {
    std::string log;
    cicada::spawn(host->get(), cleans_up_slowly(log)).detach();
    g_main_context_iteration(context, FALSE);
    std::thread other([&] { host->close(); }); // from any thread
    iterate_until_drained();
    other.join();
    EXPECT_EQ(log, "asked cleaned ");
}

TEST_F(glib_host, that_goes_with_work_left_destroys_it) {
    const auto held = std::make_shared<int>();
    cicada::spawn(host->get(), [held]() -> task<> {
        for (;;) {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) { // does not want to
            }
        }
    }).detach();
    cicada::every(host->get(), 1h, [held] {}).detach();
    g_main_context_iteration(context, FALSE);
    host.reset();
    EXPECT_EQ(held.use_count(), 1);
}

TEST_F(glib_host, is_turned_by_whichever_thread_iterates_its_context) {
    int ran = 0;
    auto beat = cicada::every(host->get(), 1ms, {.times = 3}, [&] { ++ran; });
    while (ran == 0) g_main_context_iteration(context, TRUE);
    std::thread([this] { iterate_until_drained(); }).join();
    EXPECT_EQ(ran, 3);
}

TEST_F(glib_host, stands_still_while_one_of_its_tasks_runs_a_loop_within_the_loop) {
    std::string log;
    cicada::spawn(host->get(), [&]() -> task<> {
        log += "a";
        cicada::spawn([&]() -> task<> {
            log += "c";
            co_return;
        }).detach();
        g_main_context_iteration(context, FALSE); // as a modal dialog does
        log += "b";
        co_return;
    }).detach();
    g_main_context_iteration(context, TRUE);
    iterate_until_drained();
    EXPECT_EQ(log, "abc");
}

TEST_F(glib_host, that_its_own_task_destroys_ends_the_process) {
    auto once = cicada::after(host->get(), 0s, [&] { host.reset(); });
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(iterate_until_drained(), "destroyed by one of its own tasks");
    once.cancel();
    iterate_until_drained();
}

} // namespace
