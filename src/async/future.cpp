#include <cicada/async/future.hpp>

#include <async/report.hpp>

namespace cicada::detail {

/// Resumes a waiter on its own loop; made beforehand, so that to keep a promise cannot fail.
class future_arrival final : public work {
public:
    explicit future_arrival(future_waiter& w) noexcept
        : waiter_(&w), loop_id_(executor::current()->id()) {}
    void run() override;

private:
    friend class future_state;
    friend class future_waiter;
    future_waiter* waiter_; // null: it has gone. Its own thread's business
    const std::uint64_t loop_id_;
};

void future_arrival::run() {
    if (!waiter_) return;
    waiter_->arrival_ = nullptr;
    waiter_->wake();
}

void future_state::release(future_state* share) noexcept {
    if (share->shares_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    if (std::exception_ptr error = share->unobserved_error()) {
        if (executor* e = executor::current()) {
            e->report_error("a promise", std::move(error));
        } else {
            report_to_stderr("a promise", error);
        }
    }
    delete share;
}

void future_state::keep(future_state* share) noexcept {
    auto* const arrival =
        static_cast<future_arrival*>(share->place_.exchange(share, std::memory_order_acq_rel));
    release(share);
    if (!arrival) return;
    if (executor* here = executor::current(); here && here->id() == arrival->loop_id_) {
        arrival->run();
        delete arrival;
    } else {
        executor::post_work_to(arrival->loop_id_, arrival);
    }
}

future_waiter::~future_waiter() {
    if (arrival_) withdraw();
}

bool future_waiter::wait_for(future_state& state, activity& owner, std::coroutine_handle<> frame) {
    if (owner.requests().pending) return suspend(owner, frame);
    auto* const arrival = new future_arrival(*this);
    void* place = nullptr;
    if (!state.place_.compare_exchange_strong(place, arrival, std::memory_order_acq_rel)) {
        delete arrival;
        if (place == &state) return false;
        throw std::logic_error("cicada: a future is awaited by one task at a time");
    }
    state_ = &state;
    arrival_ = arrival;
    return suspend(owner, frame);
}

withdrawal future_waiter::withdraw() noexcept {
    void* place = arrival_;
    if (state_->place_.compare_exchange_strong(place, nullptr, std::memory_order_acq_rel)) {
        delete arrival_;
    } else {
        arrival_->waiter_ = nullptr; // it is on its way
    }
    arrival_ = nullptr;
    return withdrawal::done;
}

} // namespace cicada::detail
