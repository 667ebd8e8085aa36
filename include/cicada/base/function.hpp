#pragma once

#include <atomic>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace cicada::detail {

template <class Signature>
class function;

/// A copyable callable of one signature, or nothing. Copies share the callable. (std::function,
/// without <functional>.)
template <class R, class... Args>
class function<R(Args...)> {
public:
    function() = default;
    function(std::nullptr_t) noexcept {}
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, function> &&
                 std::is_invocable_r_v<R, F&, Args...>)
    function(F&& f) : held_(new holder<std::decay_t<F>>(std::forward<F>(f))) {}
    function(const function& other) noexcept : held_(other.held_) {
        if (held_) held_->users.fetch_add(1, std::memory_order_relaxed);
    }
    function(function&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    function& operator=(function other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~function() {
        if (held_ && held_->users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete held_;
    }

    explicit operator bool() const noexcept { return held_ != nullptr; }
    R operator()(Args... args) const { return held_->call(std::forward<Args>(args)...); }

private:
    struct callable {
        virtual ~callable() = default;
        virtual R call(Args...) = 0;
        std::atomic<unsigned> users{1};
    };
    template <class F>
    struct holder final : callable {
        template <class G>
        explicit holder(G&& given) : f(std::forward<G>(given)) {}
        R call(Args... args) override { return f(std::forward<Args>(args)...); }
        F f;
    };
    callable* held_ = nullptr;
};

} // namespace cicada::detail
