#pragma once

/// asio_host::async_join: an asynchronous operation of Asio that waits for a cicada task.
///
///     asio::awaitable<void> handle_request(cicada::asio_host& host) {
///         auto computing = cicada::spawn(host.get(), compute());
///         int answer = co_await host.async_join(std::move(computing), asio::use_awaitable);
///     }
///
/// Signature: void(std::exception_ptr, T), or void(std::exception_ptr) for a task without a value.
///            T is default constructible: with an error the handler gets T().
/// Threads:  begins on any thread that may use the handler; the handler is posted to its executor,
///           by default the host's.
/// Cancel:   the slot's request cancels the task, and the operation completes when the task has
///           ended: with operation_aborted if it ended cancelled, with its value or error if those
///           won. A task that somebody else cancelled gives task_cancelled. When the host is
///           closed: operation_aborted.
/// Lifetime: the operation owns the handle.

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <cicada/hosts/asio/driver.hpp>
#include <cicada/loop/run.hpp>

namespace cicada::detail {

template <class T>
struct joined {
    static_assert(std::is_object_v<T>, "cicada: async_join of a task that gives a reference");
    static_assert(
        std::is_default_constructible_v<T>,
        "cicada: async_join needs a value that is default constructible, to give with an error");
    using signature = void(std::exception_ptr, T);
};
template <>
struct joined<void> {
    using signature = void(std::exception_ptr);
};

/// The handle, shared by who waits for the task and who may have to cancel it.
template <class T>
struct join_target {
    explicit join_target(join_handle<T> h) noexcept : handle(std::move(h)) {}

    join_handle<T> handle;
    std::atomic<bool> was_asked{false}; // by the cancellation slot
};

/// Calls the handler once: with operation_aborted when it goes without having been told anything
/// else.
template <class T, class Handler>
class join_completion {
    using executor_type = boost::asio::any_io_executor;

public:
    join_completion(Handler handler, const executor_type& host)
        : handler_(std::move(handler)), host_(host),
          work_(boost::asio::make_work_guard(*handler_, host)) {}
    join_completion(join_completion&& other) noexcept
        : handler_(std::exchange(other.handler_, std::nullopt)), host_(other.host_),
          work_(std::move(other.work_)) {}
    join_completion& operator=(join_completion&&) = delete;
    ~join_completion() {
        if (!handler_) return;
        fail(std::make_exception_ptr(
            boost::system::system_error(boost::asio::error::operation_aborted)));
    }

    template <class... Value>
    void succeed(Value&&... value) {
        call(std::exception_ptr(), std::forward<Value>(value)...);
    }
    void fail(std::exception_ptr error) {
        if constexpr (std::is_void_v<T>) {
            call(std::move(error));
        } else {
            call(std::move(error), T());
        }
    }

private:
    template <class... Args>
    void call(Args&&... args) { // never from here: this is a turn of the loop
        auto handler = std::exchange(handler_, std::nullopt);
        boost::asio::post(host_,
                          boost::asio::append(*std::move(handler), std::forward<Args>(args)...));
    }

    std::optional<Handler> handler_;
    executor_type host_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler, executor_type>>
        work_;
};

template <class T, class Handler>
task<> join_and_complete(std::shared_ptr<join_target<T>> target,
                         join_completion<T, Handler> completion) {
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(target->handle);
            completion.succeed();
        } else {
            completion.succeed(co_await std::move(target->handle));
        }
    } catch (const cancelled&) { // the host is closed
        throw;
    } catch (const task_cancelled&) {
        if (!target->was_asked) completion.fail(std::current_exception());
    } catch (...) {
        completion.fail(std::current_exception());
    }
}

template <class T, class CompletionToken>
auto async_join(const std::shared_ptr<asio_driver>& host, join_handle<T> handle,
                CompletionToken& token) {
    const auto begin = [](auto handler, std::shared_ptr<asio_driver> on, join_handle<T> given) {
        const auto target = std::make_shared<join_target<T>>(std::move(given));
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        join_completion<T, decltype(handler)> completion(std::move(handler), on->executor());
        if (slot.is_connected()) {
            slot.assign([target](boost::asio::cancellation_type) {
                target->was_asked = true;
                target->handle.cancel();
            });
        }
        spawn(on->get(), join_and_complete(target, std::move(completion))).detach();
    };
    return boost::asio::async_initiate<CompletionToken, typename joined<T>::signature>(
        begin, token, host, std::move(handle));
}

} // namespace cicada::detail
