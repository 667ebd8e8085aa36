// asio_host: its shutdown, its threads, and async_join.
#include <conformance/conformance.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
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
    cicada::spawn(host.get(), []() -> task<> {
        cicada::loop& home = cicada::loop::current();
        std::this_thread::sleep_for(20ms); // holds the turn, while a post wakes the loop
        home.close();
        co_return;
    }).detach();
    std::atomic<int> refused{0};
    const auto serve = [&] {
        try {
            context.run();
        } catch (const std::logic_error& e) {
            refused += std::string(e.what()).find("strand") != std::string::npos ? 1 : 0;
        }
    };
    std::thread first(serve);
    std::this_thread::sleep_for(5ms);
    asio::post(context, [&] { host.get().close(); }); // close() wakes the driver
    std::thread second(serve);
    first.join();
    second.join();
    EXPECT_EQ(refused, 1);
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
    EXPECT_EQ(log, "7 error cancelled");
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
