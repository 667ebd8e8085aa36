#pragma once

#include <stop_token>

#include <cicada/async/awaitable.hpp>

namespace cicada {

namespace detail {

/// Passes the requests to one activity on to a std::stop_source.
class stop_listener final : public listener {
public:
    explicit stop_listener(activity& self) : self_(self) {
        if (self_.requests().pending) source_.request_stop();
        self_.add_listener(*this);
    }
    stop_listener(const stop_listener&) = delete;
    stop_listener& operator=(const stop_listener&) = delete;
    ~stop_listener() { self_.remove_listener(*this); }
    void ended() noexcept override {}
    void cancel_requested() noexcept override { source_.request_stop(); }
    std::stop_token token() const noexcept { return source_.get_token(); }

private:
    activity& self_;
    std::stop_source source_;
};

} // namespace detail

/// Runs `f(std::stop_token)`, a coroutine, for code that wants one: the token is stopped when
/// cancel of the awaiting task is requested. Not included by <cicada/cicada.hpp>.
template <class F>
auto with_stop_token(F f) -> task<detail::coroutine_value<F, std::stop_token>> {
    const detail::stop_listener stop(co_await detail::this_activity{});
    co_return detail::given(co_await detail::handed_on(f(stop.token())));
}

} // namespace cicada
