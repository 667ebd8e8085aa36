// use_task with operations that run elsewhere: on an executor that they are bound to, or on another
// context.
#include <conformance/conformance.hpp>

#include <optional>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cicada/hosts/asio.hpp>

using namespace std::chrono_literals;
using cicada::task;
namespace asio = boost::asio;
using error_code = boost::system::error_code;
using stream = asio::local::stream_protocol;

namespace {

/// A host on a context of this thread, and another context on a thread of its own.
class asio_elsewhere : public testing::Test {
protected:
    template <class F>
    void run(F program) {
        bool ended = false;
        cicada::spawn(host->get(), [&]() -> task<> {
            co_await program();
            ended = true;
        }).detach();
        context.run();
        EXPECT_TRUE(ended) << "it failed, see stderr, or waits for ever";
    }
    ~asio_elsewhere() override {
        elsewhere_is_open.reset();
        other.join();
        host.reset();
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_);
    }

    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
    asio::io_context context{1};
    std::optional<cicada::asio_host> host{std::in_place, context};
    asio::io_context elsewhere{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> elsewhere_is_open{
        asio::make_work_guard(elsewhere)};
    std::thread other{[this] { elsewhere.run(); }};
};

/// Reads for ever; one that writes lets the reader take steps on the other thread all the time.
template <class Token>
task<> read_and_time_out(stream::socket& from, cicada::duration timeout, Token token, int& timeouts,
                         int& aborted) {
    std::vector<char> bytes(1 << 20);
    try {
        co_await cicada::with_timeout(timeout, asio::async_read(from, asio::buffer(bytes), token));
    } catch (const cicada::timeout_error&) {
        ++timeouts;
    } catch (const boost::system::system_error&) {
        ++aborted;
    }
}

task<> write_bytes(stream::socket& to) {
    const char byte = 'c';
    for (;;) {
        co_await asio::async_write(to, asio::buffer(&byte, 1), cicada::use_task);
        co_await cicada::yield();
    }
}

TEST_F(asio_elsewhere, a_composed_operation_is_cancelled_where_it_runs) {
    stream::socket here(context);
    stream::socket there(context);
    asio::local::connect_pair(here, there);
    int timeouts = 0;
    int aborted = 0;
    int rounds = 0;
    run([&]() -> task<> {
        auto writing = cicada::spawn(write_bytes(there));
        for (; rounds < 400; rounds += 4) {
            const auto timeout = 50us + rounds * 1us;
            const auto& on = elsewhere.get_executor();
            error_code failed;
            co_await read_and_time_out(here, timeout, asio::bind_executor(on, cicada::use_task),
                                       timeouts, aborted);
            co_await read_and_time_out(here, timeout,
                                       asio::bind_executor(on, asio::as_tuple(cicada::use_task)),
                                       timeouts, aborted);
            co_await read_and_time_out(here, timeout,
                                       asio::as_tuple(asio::bind_executor(on, cicada::use_task)),
                                       timeouts, aborted);
            co_await read_and_time_out(
                here, timeout,
                asio::bind_executor(on, asio::redirect_error(cicada::use_task, failed)), timeouts,
                aborted);
        }
        co_await writing.cancel();
    });
    EXPECT_EQ(timeouts, rounds);
    EXPECT_EQ(aborted, 0);
}

TEST_F(asio_elsewhere, an_awaitable_on_another_context_is_cancelled_there) {
    int timeouts = 0;
    int values = 0;
    const auto brief = [&](cicada::duration time) -> asio::awaitable<int> {
        asio::steady_timer timer(elsewhere, time);
        co_await timer.async_wait(asio::use_awaitable);
        co_return 7;
    };
    run([&]() -> task<> {
        for (int i = 0; i < 1000; ++i) {
            const auto time = 100us + i % 50 * 1us;
            try {
                if (i % 3 == 0) {
                    co_await cicada::with_timeout(
                        time, asio::co_spawn(elsewhere, brief(time), cicada::use_task));
                } else if (i % 3 == 1) {
                    co_await cicada::with_timeout(
                        time,
                        asio::co_spawn(elsewhere, brief(time), asio::as_tuple(cicada::use_task)));
                } else {
                    co_await cicada::with_timeout(
                        time, asio::co_spawn(elsewhere, brief(time),
                                             asio::bind_executor(elsewhere, cicada::use_task)));
                }
                ++values;
            } catch (const cicada::timeout_error&) {
                ++timeouts;
            }
        }
        try { // a request that comes long before the end
            co_await cicada::with_timeout(1ms,
                                          asio::co_spawn(elsewhere, brief(1h), cicada::use_task));
        } catch (const cicada::timeout_error&) {
            ++timeouts;
        }
    });
    EXPECT_EQ(values + timeouts, 1001);
    EXPECT_GE(timeouts, 1);
}

TEST_F(asio_elsewhere, an_operation_bound_to_the_executor_of_its_host_is_cancelled) {
    run([&]() -> task<> {
        asio::steady_timer timer(context, 1h);
        int timeouts = 0;
        for (const bool as_tuple : {false, true}) {
            const auto on = host->get_executor();
            try {
                if (as_tuple) {
                    co_await cicada::with_timeout(1ms, timer.async_wait(asio::bind_executor(
                                                           on, asio::as_tuple(cicada::use_task))));
                } else {
                    co_await cicada::with_timeout(
                        1ms, timer.async_wait(asio::bind_executor(on, cicada::use_task)));
                }
            } catch (const cicada::timeout_error&) {
                ++timeouts;
            }
        }
        EXPECT_EQ(timeouts, 2);
    });
}

/// Asio has more executors than one can know.
TEST_F(asio_elsewhere, a_task_on_an_executor_of_unknown_type_goes_on_at_home) {
    host.reset();
    host.emplace(asio::prefer(context.get_executor(), asio::execution::outstanding_work.tracked));
    auto beat = cicada::every(host->get(), 20us, [] {}); // the loop is busy
    const auto home = std::this_thread::get_id();
    run([&]() -> task<> {
        for (int i = 0; i < 200; ++i) {
            co_await asio::post(asio::bind_executor(elsewhere, cicada::use_task));
            EXPECT_EQ(std::this_thread::get_id(), home);
            EXPECT_EQ(&cicada::loop::current(), &host->get());
        }
        asio::steady_timer timer(context, 1ms);
        co_await timer.async_wait(cicada::use_task);
        EXPECT_EQ(std::this_thread::get_id(), home);
        beat.cancel();
        context.stop(); // the executor counts as work
    });
}

} // namespace
