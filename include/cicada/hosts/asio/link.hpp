#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cicada/async/activity.hpp>
#include <cicada/base/owned.hpp>

namespace cicada::detail {

class operation_wait;

/// Tells whether this thread is running handlers of an executor, of which `target_of` gives what is
/// to be asked.
struct thread_test {
    const void* (*target_of)(const boost::asio::any_io_executor&) noexcept;
    bool (*runs_here)(const void* target) noexcept;
};

template <class Executor>
inline constexpr thread_test thread_test_of{
    [](const boost::asio::any_io_executor& e) noexcept -> const void* {
        return e.target<Executor>();
    },
    [](const void* target) noexcept {
        return static_cast<const Executor*>(target)->running_in_this_thread();
    }};

/// The test for one of the executors whose types we know. Of others nobody can tell, so there is no
/// thread at home.
inline const thread_test& thread_test_for(const boost::asio::any_io_executor& executor) noexcept {
    using one = boost::asio::io_context::executor_type;
    using pool = boost::asio::thread_pool::executor_type;
    using boost::asio::strand;
    static constexpr const thread_test* known[] = {
        &thread_test_of<one>, &thread_test_of<strand<one>>, &thread_test_of<pool>,
        &thread_test_of<strand<pool>>, &thread_test_of<strand<boost::asio::any_io_executor>>};
    for (const thread_test* each : known) {
        if (each->target_of(executor)) return *each;
    }
    static constexpr thread_test unknown{
        [](const boost::asio::any_io_executor&) noexcept -> const void* { return nullptr; },
        [](const void*) noexcept { return false; }};
    return unknown;
}

/// Stands between an operation, which is Asio's, and the task that waits for it, because either may
/// go first.
struct operation_link : pooled {
    operation_link(const boost::asio::any_io_executor& host, const thread_test& test,
                   std::uint64_t id)
        : executor(host), runs_here(test.runs_here), target(test.target_of(executor)), loop_id(id) {
    }

    /// Whether this thread may touch the loop, and so `waiting`.
    bool is_at_home() const noexcept {
        const detail::executor* turned = detail::executor::current();
        return (turned && turned->id() == loop_id) || runs_here(target);
    }

    /// Lets requests to cancel go to another executor than that of the host.
    template <class Executor>
    void cancel_on(const Executor& other) {
        if constexpr (std::is_convertible_v<const Executor&, boost::asio::any_io_executor>) {
            if (boost::asio::any_io_executor(other) == executor) return cancel_at_home();
        }
        auto shared = std::make_shared<boost::asio::cancellation_signal>();
        slot = shared->slot();
        signal.slot().assign(
            [other, shared = std::move(shared)](boost::asio::cancellation_type type) {
                boost::asio::dispatch(other, [shared, type] { shared->emit(type); });
            });
    }
    void cancel_at_home() noexcept {
        signal.slot().clear();
        slot = signal.slot();
    }

    operation_wait* waiting = nullptr; // null: its frame is gone
    const boost::asio::any_io_executor executor; // also when the host is gone
    bool (*const runs_here)(const void*) noexcept;
    const void* const target; // what that asks, within `executor`
    const std::uint64_t loop_id;
    boost::asio::cancellation_signal signal; // emitted at home
    boost::asio::cancellation_slot slot = signal.slot(); // for the operation
};

} // namespace cicada::detail
