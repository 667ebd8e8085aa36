#pragma once

/// Where the cancellation of an operation is requested: a signal of Asio may only be emitted where
/// the operation runs. That is the executor of the host, unless another is bound, or a coroutine
/// was spawned on another. There the request goes by a dispatch, with a signal that both sides
/// share, because the operation may end meanwhile.

#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/version.hpp>

#include <cicada/hosts/asio/link.hpp>

#if BOOST_VERSION < 108300
namespace boost::asio::detail {
template <typename Executor>
class initiate_co_spawn;
}
#endif

namespace cicada {

struct use_task_t;

namespace detail {

template <class... Args>
class operation_handler;

/// Finds the link of a handler within whatever adapters of Asio are around it.
template <class Handler, class Default = operation_link*>
struct associated_link : boost::asio::associator<associated_link, Handler, Default> {};
template <class... Args, class Default>
struct associated_link<operation_handler<Args...>, Default> {
    using type = operation_link*;
    static type get(const operation_handler<Args...>& handler, const Default& = {}) noexcept {
        return handler.link();
    }
};

/// A token that comes to use_task in the end.
template <class Token>
inline constexpr bool is_use_task = std::is_same_v<Token, use_task_t>;
template <template <class...> class Adapter, class Token, class... Rest>
inline constexpr bool is_use_task<Adapter<Token, Rest...>> = is_use_task<Token>;

#if BOOST_VERSION < 108300
/// co_spawn() dispatches a request itself, but with a pointer to what may be gone by then
/// (chriskohlhoff/asio#1332).
template <class Initiation>
inline constexpr bool is_co_spawn = false;
template <class Executor>
inline constexpr bool is_co_spawn<boost::asio::detail::initiate_co_spawn<Executor>> = true;

template <class Initiation>
void cancel_where_spawned(operation_link& link, const Initiation& begun) {
    if constexpr (is_co_spawn<Initiation>) {
        link.cancel_on(begun.get_executor());
    } else if constexpr (requires { begun.initiation_; }) { // within an adapter
        detail::cancel_where_spawned(link, begun.initiation_);
    }
}
#else
template <class Initiation>
void cancel_where_spawned(operation_link&, const Initiation&) {}
#endif

/// Begins an operation whose handler is bound to an executor.
template <class Initiation, class Executor>
struct begin_bound {
    Initiation initiation_;
    Executor on;

    template <class Handler, class... Args>
    void operator()(Handler&& handler, Args&&... args) {
        operation_link& link = *associated_link<std::decay_t<Handler>>::get(handler);
        link.cancel_on(on);
        detail::cancel_where_spawned(link, initiation_);
        std::move(initiation_)(boost::asio::bind_executor(on, std::forward<Handler>(handler)),
                               std::forward<Args>(args)...);
    }
};

} // namespace detail
} // namespace cicada

/// As Asio's own, but that the operation's link learns of the executor.
template <class Token, class Executor, class Signature>
    requires cicada::detail::is_use_task<Token>
class boost::asio::async_result<boost::asio::executor_binder<Token, Executor>, Signature> {
public:
    template <class Initiation, class Binder, class... InitArgs>
    static auto initiate(Initiation&& initiation, Binder&& token, InitArgs&&... args) {
        return boost::asio::async_initiate<Token, Signature>(
            cicada::detail::begin_bound<std::decay_t<Initiation>, Executor>{
                std::forward<Initiation>(initiation), token.get_executor()},
            token.get(), std::forward<InitArgs>(args)...);
    }
};
