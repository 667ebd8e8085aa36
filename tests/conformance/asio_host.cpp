// asio_host: its shutdown, its threads, and async_join.
#include <conformance/conformance.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cicada/hosts/asio.hpp>

using namespace std::chrono_literals;
using cicada::task;
namespace asio = boost::asio;

namespace {

task<int> give(int value) {
    co_await cicada::sleep(1ms);
    if (value < 0) throw std::out_of_range("negative");
    co_return value;
}

task<int> endless(bool& cleaned_up) {
    try {
        co_await cicada::sleep(1h);
    } catch (const cicada::cancelled&) {
        cleaned_up = true;
        throw;
    }
    co_return 0;
}

TEST(asio_host, lets_its_context_end_when_nothing_is_left_and_begin_again) {
    asio::io_context context;
    cicada::asio_host host(context);
    context.run();
    int ran = 0;
    for (int round = 0; round < 3; ++round) {
        context.restart();
        auto once = cicada::after(host.get(), 1ms, [&] { ++ran; });
        context.run();
        EXPECT_EQ(ran, round + 1);
    }
}

TEST(asio_host, that_goes_with_work_left_destroys_it) {
    const auto before = cicada::detail::pool_live_blocks();
    const auto held = std::make_shared<int>();
    bool cleaned_up = false;
    {
        asio::io_context context;
        cicada::asio_host host(context);
        auto waiting = cicada::spawn(host.get(), [&, held]() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                cleaned_up = true;
            }
            co_await cicada::sleep(1h); // nobody lets time pass any more
        });
        cicada::every(host.get(), 1h, [held] {}).detach();
        context.poll();
        waiting.detach();
    }
    EXPECT_TRUE(cleaned_up);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(asio_host, that_never_ran_destroys_what_was_started_on_it) {
    const auto before = cicada::detail::pool_live_blocks();
    {
        asio::io_context context;
        cicada::asio_host host(context);
        cicada::spawn(host.get(), give(1)).detach();
        cicada::every(host.get(), 1h, [] {}).detach();
    }
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(asio_host, without_a_strand_refuses_two_threads_at_a_time) {
    asio::io_context context;
    cicada::asio_host host(context);
    std::atomic<bool> in_turn{false};
    std::atomic<int> refused{0};
    cicada::spawn(host.get(), [&]() -> task<> {
        in_turn = true;
        cicada::loop::current().close(); // wakes the loop, while this holds the turn
        for (int ms = 0; ms < 5000 && refused == 0; ++ms) std::this_thread::sleep_for(1ms);
        co_return;
    }).detach();
    const auto serve = [&] {
        try {
            context.run();
        } catch (const std::logic_error& e) {
            refused += std::string(e.what()).find("strand") != std::string::npos ? 1 : 0;
        }
    };
    std::thread first(serve);
    while (!in_turn) std::this_thread::yield();
    std::thread second(serve);
    first.join();
    second.join();
    EXPECT_EQ(refused, 1);
}

TEST(asio_host, goes_on_where_it_was_when_its_context_was_stopped) {
    asio::io_context context;
    cicada::asio_host host(context);
    int ticks = 0;
    auto beat = cicada::every(host.get(), 1ms, {.times = 4}, [&] {
        if (++ticks == 2) context.stop();
    });
    context.run();
    EXPECT_EQ(ticks, 2);
    context.restart();
    context.run();
    EXPECT_EQ(ticks, 4);
}

TEST(asio_host, ends_with_its_context_when_that_goes_first) {
    const auto before = cicada::detail::pool_live_blocks();
    for (const bool on_strand : {false, true}) {
        std::optional<asio::io_context> context(std::in_place);
        std::optional<cicada::asio_host> host;
        if (on_strand) {
            host.emplace(asio::make_strand(*context));
        } else {
            host.emplace(*context);
        }
        int cleaned_up = 0;
        const auto waiter = [&](bool on_asio) -> task<> {
            asio::steady_timer timer(*context, 1h);
            try {
                if (on_asio) co_await timer.async_wait(cicada::use_task);
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                ++cleaned_up;
                throw;
            }
        };
        auto operation = cicada::spawn(host->get(), waiter, true);
        auto sleeper = cicada::spawn(host->get(), waiter, false);
        auto beat = cicada::every(host->get(), 1h, [] {});
        context->poll();
        context.reset();
        EXPECT_EQ(cleaned_up, 2);
        beat.cancel(); // handles outlive both
    }
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(asio_host, of_a_task_of_another_goes_with_their_context_as_well) {
    std::optional<asio::io_context> context(std::in_place);
    cicada::asio_host outer(*context);
    const auto session = [&]() -> task<> {
        const cicada::asio_host inner(asio::make_strand(*context));
        co_await cicada::shield(cicada::event().wait());
    };
    cicada::spawn(outer.get(), session()).detach();
    context->poll();
    context.reset(); // ends outer, which destroys the task, and inner with it
}

TEST(asio_host, refuses_to_be_run_by_one_of_its_own_tasks) {
    asio::io_context context;
    cicada::asio_host host(context);
    std::string refusal;
    int ticks = 0;
    auto beat = cicada::every(host.get(), 1ms, {.times = 3}, [&] { ++ticks; });
    cicada::spawn(host.get(), [&]() -> task<> {
        host.close(); // wakes the loop, so that there is a turn to take
        try {
            context.run();
        } catch (const std::logic_error& e) {
            refusal = e.what();
        }
        co_return;
    }).detach();
    context.run();
    EXPECT_NE(refusal.find("co_await"), std::string::npos) << refusal;
    EXPECT_TRUE(host.get().is_drained()) << "no turn was lost";
}

TEST(asio_host_death_test, of_a_host_that_its_own_task_destroys) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto destroy = [] {
        asio::io_context context;
        std::optional<cicada::asio_host> host(std::in_place, context);
        auto once = cicada::after(host->get(), 0s, [&] { host.reset(); });
        context.run();
    };
    EXPECT_DEATH(destroy(), "destroyed by one of its own tasks");
}

TEST(asio_host, may_share_a_context_with_another) {
    asio::io_context context;
    cicada::asio_host a(context);
    cicada::asio_host b(context);
    int got = 0;
    cicada::spawn(a.get(), [&]() -> task<> {
        auto there = cicada::spawn(b.get(), give(5));
        got = co_await there;
    }).detach();
    context.run();
    EXPECT_EQ(got, 5);
}

TEST(async_join, gives_the_value_or_the_error_to_an_awaitable) {
    asio::io_context context;
    cicada::asio_host host(context);
    std::string log;
    const auto awaiting = [&]() -> asio::awaitable<void> {
        log += std::to_string(
            co_await host.async_join(cicada::spawn(host.get(), give(7)), asio::use_awaitable));
        co_await host.async_join(cicada::spawn(host.get(), []() -> task<> { co_return; }),
                                 asio::use_awaitable);
        EXPECT_THROW(cicada::loop::current(), std::logic_error) << "not within a turn";
        try {
            co_await host.async_join(cicada::spawn(host.get(), give(-1)), asio::use_awaitable);
        } catch (const std::out_of_range&) {
            log += " error";
        }
        try {
            co_await host.async_join(cicada::spawn(host.get(),
                                                   []() -> task<> {
                                                       co_await cicada::yield();
                                                       throw 3; // also what is not an exception
                                                   }),
                                     asio::use_awaitable);
        } catch (int thrown) {
            log += " " + std::to_string(thrown);
        }
        auto other = cicada::spawn(host.get(), []() -> task<> {
            co_await cicada::yield();
            throw cicada::cancelled{};
        });
        try {
            co_await host.async_join(std::move(other), asio::use_awaitable);
        } catch (const cicada::task_cancelled&) {
            log += " cancelled";
        }
    };
    asio::co_spawn(context, awaiting(), asio::detached);
    context.run();
    EXPECT_EQ(log, "7 error 3 cancelled");
}

TEST(async_join, passes_a_cancellation_on_and_completes_when_the_task_has_ended) {
    asio::io_context context;
    cicada::asio_host host(context);
    asio::cancellation_signal signal;
    bool cleaned_up = false;
    boost::system::error_code told;
    host.async_join(cicada::spawn(host.get(), endless(cleaned_up)),
                    asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error, int) {
                        EXPECT_TRUE(cleaned_up);
                        try {
                            std::rethrow_exception(error);
                        } catch (const boost::system::system_error& e) {
                            told = e.code();
                        }
                    }));
    auto canceller =
        cicada::after(host.get(), 2ms, [&] { signal.emit(asio::cancellation_type::terminal); });
    context.run();
    EXPECT_EQ(told, asio::error::operation_aborted);
}

TEST(async_join, joins_in_with_the_operators_of_awaitables) {
    using namespace asio::experimental::awaitable_operators;
    asio::io_context context;
    cicada::asio_host host(context);
    bool cleaned_up = false;
    std::size_t first = 9;
    const auto racing = [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(context, 2ms);
        const auto won = co_await (
            host.async_join(cicada::spawn(host.get(), endless(cleaned_up)), asio::use_awaitable) ||
            timer.async_wait(asio::use_awaitable));
        first = won.index();
        EXPECT_TRUE(cleaned_up) << "the loser has ended";
    };
    asio::co_spawn(context, racing(), asio::detached);
    context.run();
    EXPECT_EQ(first, 1u);
}

TEST(async_join, is_cancelled_from_another_thread_than_that_of_the_task) {
    asio::io_context theirs;
    asio::io_context ours;
    cicada::asio_host host(ours);
    auto open = asio::make_work_guard(ours);
    std::thread turned([&] { ours.run(); });
    int aborted = 0;
    for (int round = 0; round < 50; ++round) {
        bool cleaned_up = false; // if it had begun
        asio::cancellation_signal signal;
        const auto told = [&](std::exception_ptr error, int) { aborted += error ? 1 : 0; };
        host.async_join(cicada::spawn(host.get(), endless(cleaned_up)),
                        asio::bind_executor(theirs.get_executor(),
                                            asio::bind_cancellation_slot(signal.slot(), told)));
        asio::post(theirs, [&] { signal.emit(asio::cancellation_type::terminal); });
        theirs.run();
        theirs.restart();
    }
    EXPECT_EQ(aborted, 50);
    open.reset();
    turned.join();
}

TEST(async_join, waits_for_tasks_of_other_loops_and_serves_futures) {
    cicada::loop_thread background;
    asio::io_context context;
    cicada::asio_host host(context);
    auto future = host.async_join(cicada::spawn(background.get(), give(9)), asio::use_future);
    context.run();
    EXPECT_EQ(future.get(), 9);
}

TEST(async_join, is_aborted_when_the_host_is_closed) {
    asio::io_context context;
    cicada::asio_host host(context);
    bool cleaned_up = false;
    auto future = host.async_join(cicada::spawn(host.get(), endless(cleaned_up)), asio::use_future);
    auto closer = cicada::after(host.get(), 1ms, [&] { host.close(); });
    context.run();
    EXPECT_TRUE(cleaned_up);
    EXPECT_THROW(future.get(), std::exception);
}

} // namespace
