#pragma once

/// What `with_scope`, `when_all` and `when_any` share: children that their parent outlives.

#include <cicada/async/spawn.hpp>

namespace cicada::detail {

class nursery;

/// What becomes of a child that is ready to go on when another has won.
enum class when_late : std::uint8_t {
    goes_on, // a task: it gets what it waited for, and its own outcome is dropped
    gives_back, // nothing but a wait: it ends, and what it had won stays where it was
};

/// An activity that a nursery waits for.
class CICADA_API child : public activity, public list_links<child> {
public:
    virtual const result_base& outcome() const noexcept = 0;
    virtual std::exception_ptr error() const noexcept = 0;
    virtual when_late late() const noexcept = 0;

protected:
    explicit child(nursery& in) noexcept : in_(in) {}
    void start(std::coroutine_handle<> root);
    void on_ended() noexcept override;

private:
    friend class nursery;
    std::string_view common_name() const noexcept final; // its parent's
    nursery& in_;
};

/// A child whose outcome goes to `out`, or, without one, is kept only to see whether it failed.
template <class T, when_late Late = when_late::goes_on>
class child_of final : public child {
public:
    static void start(nursery& in, task<T> work, result<T>* out = nullptr,
                      std::string_view name = {}) {
        work.require_unspent();
        owned<child_of> self(new child_of(in, out));
        if (!name.empty()) self->set_name(name);
        const auto root = work.release();
        root.promise().owner = &*self;
        root.promise().out = self->out_;
        self.release()->child::start(root);
    }
    const result_base& outcome() const noexcept override { return *out_; }
    std::exception_ptr error() const noexcept override {
        return out_->is_error() ? out_->error() : nullptr;
    }
    when_late late() const noexcept override { return Late; }

private:
    child_of(nursery& in, result<T>* out) noexcept : child(in), out_(out ? out : &own_) {}
    void set_cancelled() noexcept override { out_->set_cancelled(); }

    result<T>* out_;
    result<T> own_;
};

/// The children of one parent. The first error cancels the others; later ones go to the loop's
/// error handler. While the parent's body runs, the first error also cancels the parent, and that
/// request is taken back in the end: asyncio's TaskGroup.
class CICADA_API nursery {
public:
    enum class until : std::uint8_t { all_ended, first_ended };

    explicit nursery(activity& parent, until goal = until::all_ended) noexcept;
    nursery(const nursery&) = delete;
    nursery& operator=(const nursery&) = delete;
    ~nursery();

    activity& parent() const noexcept { return body_.self(); }
    std::size_t size() const noexcept { return size_; }
    void cancel_children() noexcept;
    /// The first that ended of its own accord, with a value or an error; for until::first_ended.
    const result_base* winner() const noexcept { return winner_; }

    /// From here on the parent does nothing but wait.
    void body_ended(const result_base& outcome, std::exception_ptr error) noexcept;

    /// After the join: makes the first error, or that cancel was requested from outside, the
    /// outcome of the parent's frame. A parent that `has_value` nevertheless keeps it, and the
    /// request comes at its next suspension. Whether it is left to the parent.
    template <class T>
    bool settle(result<T>& outcome, bool has_value) noexcept {
        if (first_error_) outcome.set_error(std::exchange(first_error_, nullptr));
        return settle_request(outcome, has_value);
    }

    /// Ends the body, unless that is done, and waits for all children. A request to cancel reaches
    /// them; settle() throws it when they have ended.
    class CICADA_API join_awaiter : public waiter {
    public:
        explicit join_awaiter(nursery& in) noexcept : in_(in) {
            if (in.body_.is_open()) in.body_.end(false);
        }
        ~join_awaiter() { in_.joining_ = nullptr; }
        bool await_ready() const noexcept { return in_.live_.empty(); }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
            activity& owner = owner_of(frame);
            if (owner.requests().pending) in_.outer_request();
            in_.joining_ = this;
            suspend_regardless(owner, frame);
        }
        void await_resume() const noexcept {}
        withdrawal withdraw() noexcept override;
        const char* waits_for() const noexcept override { return "its child tasks"; }

    private:
        nursery& in_;
    };
    join_awaiter join() noexcept { return join_awaiter(*this); }

private:
    friend class child;
    void add(child& one) noexcept;
    void ended(child& one) noexcept;
    void give_back() noexcept;
    void failed(std::exception_ptr error) noexcept;
    void outer_request() noexcept;
    bool settle_request(result_base& outcome, bool has_value) noexcept;

    cancel_section body_; // of the parent, while it runs
    list<child> live_;
    std::size_t size_ = 0;
    join_awaiter* joining_ = nullptr;
    std::exception_ptr first_error_;
    const result_base* winner_ = nullptr;
    until goal_;
    bool cancelling_ = false;
    bool outer_requested_ = false; // delivered to us while we waited
};

} // namespace cicada::detail
