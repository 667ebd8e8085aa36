#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include <cicada/async/wait_queue.hpp>

namespace cicada {

/// A bounded queue between tasks of one loop. Senders wait while it is full, receivers while it is empty.
///
///     cicada::channel<line> lines(64);
///     co_await lines.send(std::move(l));                       // throws closed_error once closed
///     while (auto l = co_await lines.receive()) use(*l);       // nullopt: closed, and drained
///
/// Threads:  loop thread.    Resumes: on the same loop; values and waiters are first in, first out.
/// Cancel:   throws `cancelled`; a cancelled send sent nothing, a cancelled receive took nothing.
///           In when_any: a receive that lost took nothing, also when its value had come in the
///           same turn: that is in front again before when_any returns. A send that had completed
///           stays sent.
/// Lifetime: outlives its waiters.    Cost: the buffer is allocated once; waiting allocates
///           nothing, but for the first time that several receivers wait at once.
template <class T>
    requires std::is_object_v<T>
class channel {
public:
    /// A capacity of 0 hands each value directly from sender to receiver. Its memory is taken at
    /// once: std::invalid_argument for more than there can be.
    explicit channel(std::size_t capacity) : buffer_(room_for(capacity)), capacity_(capacity) {}

    class [[nodiscard("co_await it")]] sender final : public detail::queued_waiter {
    public:
        sender(channel& c, T value) : channel_(c), value_(std::move(value)) {}
        bool await_ready() { return channel_.offer(value_); }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) noexcept {
            return wait_in(channel_.senders_, frame);
        }
        void await_resume() const {
            throw_if_cancelled();
            if (refused_) throw closed_error("cicada: the channel was closed");
        }
        const char* waits_for() const noexcept override { return "room in a channel"; }

    private:
        friend class channel;
        channel& channel_;
        T value_;
        bool refused_ = false;
    };

    class [[nodiscard("co_await it")]] receiver final : public detail::queued_waiter {
    public:
        explicit receiver(channel& c) noexcept : channel_(c) {}
        receiver(receiver&&) = default;
        ~receiver() {
            if (!is_expected_) return;
            --channel_.expected_;
            if (value_) channel_.take_back(*value_); // it was given one, but was not resumed
        }
        bool await_ready() {
            if (auto next = channel_.try_receive()) value_.emplace(std::move(*next));
            return value_ || channel_.closed_;
        }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            channel_.expect_one();
            is_expected_ = true;
            return wait_in(channel_.receivers_, frame);
        }
        std::optional<T> await_resume() {
            if (std::exchange(is_expected_, false)) --channel_.expected_;
            throw_if_cancelled();
            return std::move(value_);
        }
        const char* waits_for() const noexcept override { return "a value from a channel"; }

    private:
        friend class channel;
        channel& channel_;
        std::optional<T> value_;
        bool is_expected_ = false; // waits, or was given a value and has not been resumed
    };

    sender send(T value) { return sender(*this, std::move(value)); }
    receiver receive() noexcept { return receiver(*this); }

    /// False, with `value` untouched, when it is full. Throws closed_error once closed.
    bool try_send(T& value) { return offer(value); }
    bool try_send(T&& value) { return offer(value); }
    /// Empty when there is nothing to take.
    std::optional<T> try_receive() {
        std::optional<T> value;
        if (size_ > 0) {
            value.emplace(std::move(*slot(0)));
            slot(0).reset();
            first_ = (first_ + 1) % buffer_.size();
            --size_;
            if (returned_ > 0) --returned_;
            if (size_ < capacity_) {
                if (auto* next = static_cast<sender*>(senders_.wake_one())) store(next->value_);
            }
        } else if (auto* next = static_cast<sender*>(senders_.wake_one())) {
            value.emplace(std::move(next->value_));
        }
        return value;
    }

    /// Refuses further values: waiting senders throw closed_error, receivers take what is left and then get nullopt.
    void close() noexcept {
        closed_ = true;
        while (auto* refused = static_cast<sender*>(senders_.wake_one())) refused->refused_ = true;
        receivers_.wake_all();
    }
    bool is_closed() const noexcept { return closed_; }
    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }

private:
    static std::size_t room_for(std::size_t capacity) {
        if (capacity >= std::numeric_limits<std::ptrdiff_t>::max() / sizeof(std::optional<T>))
            throw std::invalid_argument(
                "cicada: a channel keeps room for its capacity, and no memory has this much");
        return capacity + 1;
    }
    bool offer(T& value) {
        if (closed_) throw closed_error("cicada: the channel is closed");
        if (auto* next = static_cast<receiver*>(receivers_.wake_one())) {
            next->value_.emplace(std::move(value));
            return true;
        }
        if (size_ >= capacity_) return false;
        store(value);
        return true;
    }
    void store(T& value) {
        slot(size_).emplace(std::move(value));
        ++size_;
    }
    /// Makes room for the value that a receiver which is about to wait may give back. Nothing is in
    /// the buffer now.
    void expect_one() {
        if (buffer_.size() < capacity_ + expected_ + 1)
            buffer_ = std::vector<std::optional<T>>(capacity_ + 2 * (expected_ + 1));
        ++expected_;
    }
    /// Receivers are resumed, or not, in the order in which they were given their values: so those
    /// that come back stand in front, in that order.
    void take_back(T& value) {
        if (auto* next = static_cast<receiver*>(receivers_.wake_one())) {
            next->value_.emplace(std::move(value));
            return;
        }
        first_ = (first_ + buffer_.size() - 1) % buffer_.size();
        for (std::size_t i = 0; i < returned_; ++i) slot(i).emplace(std::move(*slot(i + 1)));
        slot(returned_).emplace(std::move(value));
        ++returned_;
        ++size_;
    }
    std::optional<T>& slot(std::size_t i) noexcept {
        return buffer_[(first_ + i) % buffer_.size()];
    }

    std::vector<std::optional<T>> buffer_; // a ring, larger than the capacity by what may come back
    std::size_t capacity_;
    std::size_t first_ = 0;
    std::size_t size_ = 0; // beyond the capacity only by what came back
    std::size_t returned_ = 0; // of these, in front
    std::size_t expected_ = 0; // receivers that wait or have not been resumed yet
    detail::wait_queue senders_; // waiting only while full
    detail::wait_queue receivers_; // waiting only while empty
    bool closed_ = false;
};

} // namespace cicada
