#pragma once

/// The outcome of a coroutine: a value, an exception, or cancelled.

#include <atomic>
#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include <cicada/base/error.hpp>

namespace cicada::detail {

/// Whether the exception being handled is `cancelled`. Costs no throw.
CICADA_API bool current_exception_is_cancelled() noexcept;
/// Throws the error, or `cancelled` for null.
[[noreturn]] CICADA_API void throw_no_value(const std::exception_ptr* error);

/// All of `result` that does not depend on the value. What is set adds up, and the gravest counts:
/// an error before `cancelled`, and that before a value. So a task that was told that it was
/// cancelled (see unless_cancelled) may return a value, and no other pays a test for it.
class result_base {
public:
    bool is_none() const noexcept { return is_ == 0; }
    bool is_error() const noexcept { return (is_ & error_bit) != 0; }
    bool is_cancelled() const noexcept {
        return (is_ & (error_bit | cancelled_bit)) == cancelled_bit;
    }
    void set_cancelled() noexcept { is_ |= cancelled_bit; }
    /// Somebody has looked: an error need not be reported.
    void mark_observed() noexcept { observed_.store(true, std::memory_order_relaxed); }
    bool is_unobserved_error() const noexcept {
        return is_error() && !observed_.load(std::memory_order_relaxed);
    }

protected:
    enum : std::uint8_t { value_bit = 1, error_bit = 2, cancelled_bit = 4 };
    std::uint8_t is_ = 0;
    std::atomic<bool> observed_{false}; // by tasks of any loop
};

/// Stores a T, which may be void, a reference, or move-only. A `cancelled` in flight is kept as a
/// fact, not as an exception: to pass it on costs one throw, not a copy of the first.
template <class T>
class result : public result_base {
    struct nothing {};
    using value_type = std::conditional_t<std::is_void_v<T>, nothing, std::remove_const_t<T>>;
    using stored =
        std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, value_type>;

public:
    result() noexcept {}
    result(const result&) = delete;
    result& operator=(const result&) = delete;
    ~result() { reset(); }

    /// Takes one argument, or none for void.
    template <class... U>
    void set_value(U&&... value) {
        if constexpr (std::is_reference_v<T>) {
            value_ = std::addressof(value...);
        } else if constexpr (!std::is_void_v<T>) { // an error that is there stays: see given()
            ::new (static_cast<void*>(std::addressof(value_))) stored(std::forward<U>(value)...);
        }
        is_ |= value_bit;
    }
    void set_error(std::exception_ptr error) noexcept {
        reset();
        ::new (static_cast<void*>(std::addressof(error_))) std::exception_ptr(std::move(error));
        is_ = error_bit;
    }
    void set_current_exception() noexcept {
        if (current_exception_is_cancelled()) {
            set_cancelled();
        } else {
            set_error(std::current_exception());
        }
    }

    /// Moves the value out, or throws.
    T take() { return static_cast<T>(std::forward<value_type>(value_or_throw())); }
    std::add_lvalue_reference_t<T> value() {
        return static_cast<std::add_lvalue_reference_t<T>>(value_or_throw());
    }
    const std::exception_ptr& error() const noexcept { return error_; }
    std::exception_ptr take_error() noexcept { return std::move(error_); }

private:
    void reset() noexcept {
        const auto was = std::exchange(is_, std::uint8_t{0}); // a destructor may do anything
        if (was & error_bit) {
            error_.~exception_ptr();
        } else if (was & value_bit) {
            value_.~stored();
        }
    }
    std::remove_reference_t<value_type>& value_or_throw() {
        if (is_ != value_bit) [[unlikely]]
            throw_no_value(is_error() ? &error_ : nullptr);
        if constexpr (std::is_reference_v<T>) {
            return *value_;
        } else {
            return value_;
        }
    }

    union {
        stored value_;
        std::exception_ptr error_;
    };
};

} // namespace cicada::detail
