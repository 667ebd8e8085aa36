#pragma once

/// use_task: makes a cicada::task of any asynchronous operation of Asio.
///
///     std::size_t n = co_await socket.async_read_some(buffer, cicada::use_task); // or throws
///     auto [error, n] = co_await socket.async_read_some(buffer, asio::as_tuple(cicada::use_task));
///     auto reply = co_await cicada::with_timeout(2s, ask(socket, cicada::use_task));
///
/// The operation begins when the task does. Its value is what the handler would get: nothing, one
/// value, or a std::tuple; a leading error_code or exception_ptr is thrown, if there is one, as
/// boost::system::system_error or as it is.
///
/// Threads:  on a loop of an asio_host; std::logic_error elsewhere.
///           Resumes: on the same loop, in the handler, followed by a turn. The handler's
///           associated executor is the host's; where another is bound, or an operation completes
///           on a thread of its own, the task goes on by a post.
/// Cancel:   a request goes to the operation's cancellation slot, with all types. If it then ends
///           with operation_aborted or channel_cancelled, `cancelled` is thrown, with as_tuple and
///           redirect_error too. If it completed nevertheless, that is the outcome, and the request
///           comes at the next suspension. An operation that does not support cancellation is
///           waited for. An operation_aborted that no request of ours brought about is an error
///           like others. The request is made where the operation runs: on the host's executor, on
///           the one that is bound to use_task (as_tuple, redirect_error and other adapters in
///           between or around it do not matter), or on the one that co_spawn() was given. As
///           everywhere in Asio that executor must not run handlers side by side: bind a strand of
///           a pool of threads. An executor bound in any other way is not known here: do not cancel
///           such an operation. A cancellation slot that is bound (bind_cancellation_slot) hides
///           ours: the task waits until its owner cancels.
/// Lifetime: as in Asio: what the operation refers to outlives it, so cancel a task and wait for it
///           before you destroy or move a socket that it uses; so do the contexts of both
///           executors.
/// Errors:   of beginning and of ending the operation; operation_aborted when its handler is
///           dropped without being called.
/// Cost:     one frame and one small object from free lists, besides what Asio allocates.

#include <tuple>
#include <typeinfo>

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel_error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <cicada/async/task.hpp>
#include <cicada/hosts/asio/cancel_elsewhere.hpp>
#include <cicada/hosts/asio/driver.hpp>

namespace cicada {

struct use_task_t {};
inline constexpr use_task_t use_task{};

namespace detail {

class operation_wait : public waiter {
public:
    /// Completion wins: the request stays pending unless the operation says that it was aborted.
    withdrawal withdraw() noexcept override {
        abort();
        return withdrawal::deferred;
    }
    const char* waits_for() const noexcept override { return "an operation of Asio"; }

    /// The link is kept: this may be a handler that the link's own signal called.
    template <class Store>
    void end(owned<operation_link>&& link, Store store) {
        link_ = nullptr;
        kept_ = std::move(link);
        has_ended_ = true;
        if (is_suspended_) return driver_->complete(*this, store);
        store(); // within its own initiation
    }
    using waiter::owner;

protected:
    ~operation_wait() {
        if (link_) {
            link_->waiting = nullptr;
        } else if (kept_) {
            driver_->put_back(std::move(kept_));
        }
    }

    owned<operation_link> make_link() {
        driver& turned_by = loop::current().turned_by();
        if (typeid(turned_by) != typeid(asio_driver))
            throw std::logic_error("cicada: use_task needs a loop that Asio turns: an asio_host");
        driver_ = static_cast<asio_driver*>(&turned_by);
        owned<operation_link> link = driver_->take_link();
        link->waiting = this;
        link_ = &*link;
        return link;
    }
    /// After the operation has begun. False: it has ended already.
    bool wait(activity& owner, std::coroutine_handle<> frame) noexcept {
        if (has_ended_) return false;
        suspend_regardless(owner, frame);
        is_suspended_ = true;
        if (owner.requests().pending) abort();
        return true;
    }
    /// Whether an operation that was aborted was so because its task was asked to cancel.
    bool takes_request() noexcept { return was_asked_ && take_pending(owner()); }

private:
    void abort() noexcept {
        was_asked_ = true;
        if (link_) link_->signal.emit(boost::asio::cancellation_type::all);
    }

    asio_driver* driver_ = nullptr;
    operation_link* link_ = nullptr; // while the operation runs
    owned<operation_link> kept_;
    bool has_ended_ = false;
    bool is_suspended_ = false;
    bool was_asked_ = false;
};

// ---- what a handler is given, as a value or an error ----

template <class T>
inline constexpr bool is_error =
    std::is_same_v<T, boost::system::error_code> || std::is_same_v<T, std::exception_ptr>;

inline bool is_aborted(const boost::system::error_code& error) noexcept {
    return error == boost::asio::error::operation_aborted ||
           error == boost::asio::experimental::error::channel_cancelled;
}
inline bool is_aborted(const std::exception_ptr& error) noexcept {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return is_aborted(e.code());
    } catch (...) {
        return false;
    }
}
template <class... Args>
bool is_aborted(const std::tuple<Args...>& all) noexcept {
    if constexpr (sizeof...(Args) > 0) {
        if constexpr (requires { detail::is_aborted(std::get<0>(all)); })
            return detail::is_aborted(std::get<0>(all));
    }
    return false;
}

inline void throw_if(const boost::system::error_code& error) {
    if (error) throw boost::system::system_error(error);
}
inline void throw_if(const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
}

/// Nothing, the one value, or a tuple of what is left from the I-th on.
template <std::size_t I, class... Args>
auto values_from(std::tuple<Args...>& all) {
    constexpr std::size_t count = sizeof...(Args) - I;
    if constexpr (count == 1) {
        return std::move(std::get<I>(all));
    } else if constexpr (count > 1) {
        return [&]<std::size_t... N>(std::index_sequence<N...>) {
            return std::tuple(std::move(std::get<I + N>(all))...);
        }(std::make_index_sequence<count>());
    }
}
inline void value_of(std::tuple<>&) {}
template <class First, class... Rest>
auto value_of(std::tuple<First, Rest...>& all) {
    if constexpr (is_error<First>) detail::throw_if(std::get<0>(all));
    return detail::values_from<is_error<First> ? 1 : 0>(all);
}

// ---- the wait and the handler ----

template <class... Args>
class operation_result : public operation_wait {
public:
    using values = std::tuple<Args...>;

    void complete(owned<operation_link>&& link, Args&&... args) {
        end(std::move(link), [&]() noexcept {
            try {
                values_.emplace(std::move(args)...);
            } catch (...) {
                failed_ = std::current_exception();
            }
        });
    }
    values await_resume() {
        throw_if_cancelled();
        if (failed_) std::rethrow_exception(failed_);
        if (!values_ || detail::is_aborted(*values_)) {
            if (takes_request()) throw cancelled{};
            if (!values_) detail::throw_if(boost::asio::error::operation_aborted);
        }
        return *std::move(values_);
    }

private:
    std::optional<values> values_; // without them when it has ended: the handler was dropped
    std::exception_ptr failed_; // what the move of a value threw
};

/// Owns the link. Asio moves handlers about, so that is cheap.
template <class... Args>
class operation_handler {
public:
    explicit operation_handler(owned<operation_link> link) noexcept : link_(std::move(link)) {}
    operation_handler(operation_handler&&) noexcept = default;
    operation_handler& operator=(operation_handler&& other) noexcept {
        operation_handler replaced(std::move(other));
        std::swap(link_, replaced.link_);
        return *this;
    }
    ~operation_handler() {
        if (link_) drop();
    }

    void operator()(Args... args) {
        if (link_->is_at_home()) return deliver(std::move(args)...);
        const std::uint64_t id = link_->loop_id;
        // A move that throws leaves the handler to its destructor: the operation counts as dropped.
        executor::post_to(
            id, [self = std::move(*this), all = std::tuple<Args...>(std::move(args)...)]() mutable {
                std::apply([&](Args&... each) { self.deliver(std::move(each)...); }, all);
            });
    }

    using executor_type = boost::asio::any_io_executor;
    const executor_type& get_executor() const noexcept { return link_->executor; }
    using cancellation_slot_type = boost::asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept { return link_->slot; }
    operation_link* link() const noexcept { return &*link_; }

private:
    void deliver(Args&&... args) {
        owned<operation_link> link = std::move(link_);
        if (auto* waiting = static_cast<operation_result<Args...>*>(link->waiting))
            waiting->complete(std::move(link), std::move(args)...);
    }
    /// Without having been called.
    void drop() noexcept {
        const std::uint64_t id = link_->loop_id;
        executor::post_to(id, [link = std::move(link_)]() mutable {
            if (link->waiting) link->waiting->end(std::move(link), [] {});
        });
    }

    owned<operation_link> link_;
};

template <class Begin, class... Args>
class operation_awaiter final : public operation_result<Args...> {
public:
    explicit operation_awaiter(Begin begin) noexcept : begin_(begin) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        activity& owner = owner_of(frame);
        if (owner.requests().pending) return this->suspend(owner, frame);
        begin_(operation_handler<Args...>(this->make_link()));
        return this->wait(owner, frame);
    }

private:
    Begin begin_;
};

/// Of an initiation and its arguments that are in the frame of the task.
template <class... Args, class Initiation, class... InitArgs>
auto await_operation(Initiation& initiation, InitArgs&... args) {
    auto begin = [&](operation_handler<Args...> handler) {
        detail::cancel_where_spawned(*handler.link(), initiation);
        std::move(initiation)(std::move(handler), std::move(args)...);
    };
    return operation_awaiter<decltype(begin), Args...>(begin);
}

template <class... Args>
using operation_task = task<decltype(detail::value_of(std::declval<std::tuple<Args...>&>()))>;

} // namespace detail
} // namespace cicada

template <class R, class... Args>
class boost::asio::async_result<cicada::use_task_t, R(Args...)> {
public:
    using return_type = cicada::detail::operation_task<std::decay_t<Args>...>;

    template <class Initiation, class... InitArgs>
    static return_type initiate(Initiation initiation, cicada::use_task_t, InitArgs... args) {
        auto all =
            co_await cicada::detail::await_operation<std::decay_t<Args>...>(initiation, args...);
        co_return cicada::detail::value_of(all);
    }
};

/// As Asio's own adapter, but that it leaves us the error, by which a cancelled operation is known.
template <class R, class... Args>
class boost::asio::async_result<boost::asio::redirect_error_t<cicada::use_task_t>,
                                R(boost::system::error_code, Args...)> {
    using error_code = boost::system::error_code;

public:
    using return_type = cicada::detail::operation_task<error_code, std::decay_t<Args>...>;

    template <class Initiation, class... InitArgs>
    static return_type initiate(Initiation initiation,
                                boost::asio::redirect_error_t<cicada::use_task_t> token,
                                InitArgs... args) {
        auto all = co_await cicada::detail::await_operation<error_code, std::decay_t<Args>...>(
            initiation, args...);
        token.ec_ = std::get<0>(all);
        co_return cicada::detail::values_from<1>(all);
    }
};
