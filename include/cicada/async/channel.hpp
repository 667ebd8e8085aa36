#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include <cicada/async/wait_queue.hpp>

namespace cicada {

/// A bounded queue between tasks of one loop. Senders wait while it is full, receivers while it is
/// empty.
///
///     cicada::channel<line> lines(64);
///     co_await lines.send(std::move(l));                       // throws closed_error once closed
///     while (auto l = co_await lines.receive()) use(*l);       // nullopt: closed, and drained
///
/// Threads:  loop thread.    Resumes: on the same loop; values and waiters are first in, first out.
/// Cancel:   throws `cancelled`; a cancelled send sent nothing, a cancelled receive took nothing.
///           In when_any: a receive that lost took nothing, also when its value had come in the
///           same turn: a receiver takes its value when it is resumed, and until then that stays
///           in its place in the channel. A send that had completed stays sent.
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
        sender(channel& c, T value)
            : queued_waiter(c.senders_), channel_(c), value_(std::move(value)) {}
        bool await_ready() { return channel_.offer(value_); }
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
        explicit receiver(channel& c) noexcept : queued_waiter(c.receivers_), channel_(c) {}
        receiver(receiver&& other) noexcept : receiver(other.channel_) {
            std::swap(is_expected_, other.is_expected_);
            std::swap(is_promised_, other.is_promised_);
        }
        ~receiver() {
            if (is_promised_) channel_.end_promise(*this); // but it was not resumed
            if (is_expected_) --channel_.expected_;
        }
        bool await_ready() const noexcept { return is_promised_ || channel_.answers_at_once(); }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            if (!is_expected_) channel_.expect_one();
            is_expected_ = true;
            return queued_waiter::await_suspend(frame);
        }
        std::optional<T> await_resume() {
            throw_if_cancelled();
            if (!is_promised_) return channel_.try_receive();
            std::optional<T> value = channel_.take_first();
            channel_.end_promise(*this);
            return value;
        }
        const char* waits_for() const noexcept override { return "a value from a channel"; }

    private:
        friend class channel;
        channel& channel_;
        bool is_expected_ = false; // it may be promised a value, or has been
        bool is_promised_ = false; // it will find one when it is resumed, or awaited again
    };

    sender send(T value) { return sender(*this, std::move(value)); }
    receiver receive() noexcept { return receiver(*this); }

    /// False, with `value` untouched, when it is full. Throws closed_error once closed.
    bool try_send(T& value) { return offer(value); }
    bool try_send(T&& value) { return offer(value); }
    /// Empty when there is nothing to take.
    std::optional<T> try_receive() {
        if (size() <= capacity_) admit_sender();
        return size() > 0 ? take_first() : std::nullopt;
    }

    /// Refuses further values: waiting senders throw closed_error, receivers take what is left and
    /// then get nullopt.
    void close() noexcept {
        closed_ = true;
        while (auto* refused = static_cast<sender*>(senders_.wake_one())) refused->refused_ = true;
        if (promised_ == 0) receivers_.wake_all();
    }
    bool is_closed() const noexcept { return closed_; }
    /// Without those that receivers are about to take. Beyond the capacity only by what such
    /// receivers, cancelled by a when_any, have left.
    std::size_t size() const noexcept { return held_ - promised_; }
    std::size_t capacity() const noexcept { return capacity_; }

private:
    static std::size_t room_for(std::size_t capacity) {
        if (capacity >= std::numeric_limits<std::ptrdiff_t>::max() / sizeof(std::optional<T>))
            throw std::invalid_argument(
                "cicada: a channel keeps room for its capacity, and no memory has this much");
        return capacity + 2;
    }
    /// While values are promised, one of them may be left for who asks now.
    bool answers_at_once() const noexcept {
        return size() > 0 || !senders_.empty() || (closed_ && promised_ == 0);
    }
    bool offer(T& value) {
        if (closed_) throw closed_error("cicada: the channel is closed");
        if (receivers_.empty() && size() >= capacity_) return false;
        store(value);
        promise_one();
        return true;
    }
    void store(T& value) {
        slot(held_).emplace(std::move(value));
        ++held_;
    }
    void admit_sender() {
        if (auto* next = static_cast<sender*>(senders_.front())) {
            store(next->value_);
            senders_.wake_one();
        }
    }
    std::optional<T> take_first() {
        std::optional<T> value = std::move(slot(0));
        slot(0).reset();
        first_ = (first_ + 1) % buffer_.size();
        --held_;
        return value;
    }
    /// One more value is free: the receiver that has waited longest is to find it.
    void promise_one() noexcept {
        if (auto* next = static_cast<receiver*>(receivers_.wake_one())) {
            next->is_promised_ = true;
            ++promised_;
        }
    }
    /// The receiver has taken its value, or has gone and left it to others.
    void end_promise(receiver& to) noexcept {
        to.is_promised_ = false;
        --promised_;
        if (size() > 0) promise_one();
        if (closed_ && promised_ == 0) receivers_.wake_all();
    }
    /// Makes room for the value that will be promised to a receiver which is about to wait.
    void expect_one() {
        if (buffer_.size() < capacity_ + expected_ + 2) {
            std::vector<std::optional<T>> larger(capacity_ + 2 * (expected_ + 2));
            for (std::size_t i = 0; i < held_; ++i) larger[i].emplace(std::move(*slot(i)));
            buffer_ = std::move(larger);
            first_ = 0;
        }
        ++expected_;
    }
    std::optional<T>& slot(std::size_t i) noexcept {
        return buffer_[(first_ + i) % buffer_.size()];
    }

    std::vector<std::optional<T>> buffer_; // a ring, larger than the capacity by what is promised
    std::size_t capacity_;
    std::size_t first_ = 0;
    std::size_t held_ = 0; // so many values from there on
    std::size_t promised_ = 0; // of these, to receivers that were woken and are not resumed yet
    std::size_t expected_ = 0; // receivers that wait, or that are promised a value
    detail::wait_queue senders_; // waiting only while full
    detail::wait_queue receivers_; // waiting only while nothing but promised values is there
    bool closed_ = false;
};

} // namespace cicada
