#pragma once

#include <cstdint>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cicada/async/activity.hpp>
#include <cicada/base/owned.hpp>

namespace cicada::detail {

class operation_wait;

/// Tells whether this thread is running handlers of an executor.
using thread_test = bool (*)(const boost::asio::any_io_executor&) noexcept;

/// The test for one of the executors whose types we know; of others we believe that whoever calls a handler may.
inline thread_test thread_test_for(const boost::asio::any_io_executor& executor) noexcept {
    thread_test found = [](const boost::asio::any_io_executor&) noexcept { return true; };
    const auto try_types = [&]<class... Executor>(Executor*...) {
        ((executor.target<Executor>()
              ? void(found = [](const boost::asio::any_io_executor& e) noexcept {
                    return e.target<Executor>()->running_in_this_thread();
                })
              : void()),
         ...);
    };
    using one = boost::asio::io_context::executor_type;
    using pool = boost::asio::thread_pool::executor_type;
    using boost::asio::strand;
    try_types(static_cast<one*>(nullptr), static_cast<strand<one>*>(nullptr),
              static_cast<pool*>(nullptr), static_cast<strand<pool>*>(nullptr),
              static_cast<strand<boost::asio::any_io_executor>*>(nullptr));
    return found;
}

/// Stands between an operation, which is Asio's, and the task that waits for it, because either may go first.
struct operation_link : pooled {
    operation_link(const boost::asio::any_io_executor& host, thread_test test, std::uint64_t id)
        : executor(host), runs_here(test), loop_id(id) {}

    /// Whether this thread may touch the loop, and so `waiting`.
    bool is_at_home() const noexcept {
        const detail::executor* turned = detail::executor::current();
        return (turned && turned->id() == loop_id) || runs_here(executor);
    }

    operation_wait* waiting = nullptr; // null: its frame is gone
    const boost::asio::any_io_executor executor; // also when the host is gone
    const thread_test runs_here;
    const std::uint64_t loop_id;
    boost::asio::cancellation_signal signal;
};

} // namespace cicada::detail
