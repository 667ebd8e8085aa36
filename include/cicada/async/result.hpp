#pragma once

/// The outcome of a coroutine: a value, an exception, or cancelled.

#include <atomic>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include <cicada/base/error.hpp>

namespace cicada::detail {

/// Whether the exception being handled is `cancelled`. Costs no throw.
CICADA_API bool current_exception_is_cancelled() noexcept;

/// All of `result` that does not depend on the value.
class result_base {
public:
    enum class outcome : unsigned char { none, value, error, cancelled };

    outcome kind() const noexcept { return kind_; }
    bool is_none() const noexcept { return kind_ == outcome::none; }
    bool is_error() const noexcept { return kind_ == outcome::error; }
    bool is_cancelled() const noexcept { return kind_ == outcome::cancelled; }
    void set_cancelled() noexcept { kind_ = outcome::cancelled; }
    /// Somebody has looked: an error need not be reported.
    void mark_observed() noexcept { observed_.store(true, std::memory_order_relaxed); }
    bool is_unobserved_error() const noexcept {
        return is_error() && !observed_.load(std::memory_order_relaxed);
    }

protected:
    outcome kind_ = outcome::none;
    std::atomic<bool> observed_{false}; // by tasks of any loop
};

/// Stores a T, which may be void, a reference, or move-only. A `cancelled` in flight is kept as a
/// fact, not as an exception: to pass it on costs one throw, not a copy of the first.
template <class T>
class result : public result_base {
    using stored = std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*,
                                      std::remove_const_t<T>>;

public:
    result() noexcept {}
    result(const result&) = delete;
    result& operator=(const result&) = delete;
    ~result() { reset(); }

    template <class U>
    void set_value(U&& value) {
        if constexpr (std::is_reference_v<T>) {
            value_ = std::addressof(value);
        } else {
            ::new (static_cast<void*>(std::addressof(value_))) stored(std::forward<U>(value));
        }
        kind_ = outcome::value;
    }
    void set_error(std::exception_ptr error) noexcept {
        reset();
        ::new (static_cast<void*>(std::addressof(error_))) std::exception_ptr(std::move(error));
        kind_ = outcome::error;
    }
    void set_current_exception() noexcept {
        if (current_exception_is_cancelled()) {
            reset();
            kind_ = outcome::cancelled;
        } else {
            set_error(std::current_exception());
        }
    }

    /// Moves the value out, or throws.
    T take() {
        throw_unless_value();
        if constexpr (std::is_reference_v<T>) {
            return static_cast<T>(*value_);
        } else {
            return std::move(value_);
        }
    }
    std::add_lvalue_reference_t<T> value() {
        throw_unless_value();
        if constexpr (std::is_reference_v<T>) {
            return *value_;
        } else {
            return value_;
        }
    }
    const std::exception_ptr& error() const noexcept { return error_; }
    std::exception_ptr take_error() noexcept { return std::move(error_); }

private:
    void reset() noexcept {
        const outcome was = std::exchange(kind_, outcome::none); // a destructor may do anything
        if (was == outcome::value) value_.~stored();
        if (was == outcome::error) error_.~exception_ptr();
    }
    void throw_unless_value() const {
        if (kind_ == outcome::value) [[likely]]
            return;
        if (kind_ == outcome::error) std::rethrow_exception(error_);
        throw cancelled{};
    }

    union {
        stored value_;
        std::exception_ptr error_;
    };
};

template <>
class result<void> : public result_base {
public:
    result() = default;
    result(const result&) = delete;
    result& operator=(const result&) = delete;

    void set_value() noexcept { kind_ = outcome::value; }
    void set_error(std::exception_ptr error) noexcept {
        error_ = std::move(error);
        kind_ = outcome::error;
    }
    void set_current_exception() noexcept {
        if (current_exception_is_cancelled()) {
            kind_ = outcome::cancelled;
        } else {
            set_error(std::current_exception());
        }
    }
    void take() const {
        if (kind_ == outcome::value) [[likely]]
            return;
        if (kind_ == outcome::error) std::rethrow_exception(error_);
        throw cancelled{};
    }
    void value() const { take(); }
    const std::exception_ptr& error() const noexcept { return error_; }
    std::exception_ptr take_error() noexcept { return std::move(error_); }

private:
    std::exception_ptr error_;
};

} // namespace cicada::detail
