#include <cicada/async/nursery.hpp>

#include <async/engine.hpp>

namespace cicada::detail {

void child::start(std::coroutine_handle<> root) {
    in_.add(*this);
    activity_engine::start(*this, *in_.parent().home(), root);
}

void child::on_ended() noexcept { in_.ended(*this); }

std::string_view child::common_name() const noexcept { return in_.parent().name(); }

nursery::nursery(activity& parent, until goal) noexcept : body_(parent), goal_(goal) {}

/// Children are left only when the parent's frame is destroyed without having been resumed.
nursery::~nursery() {
    while (child* one = live_.front()) activity_engine::abandon(*one);
}

void nursery::add(child& one) noexcept {
    live_.push_back(one);
    ++size_;
    if (cancelling_) one.request_cancel();
}

void nursery::cancel_children() noexcept {
    if (std::exchange(cancelling_, true)) return;
    for (child* one = live_.front(); one; one = live_.after(*one)) one->request_cancel();
}

void nursery::ended(child& one) noexcept {
    live_.erase(one);
    --size_;
    const result_base& outcome = one.outcome();
    if (goal_ == until::first_ended) {
        if (!winner_ && !outcome.is_cancelled()) {
            winner_ = &outcome;
            cancel_children();
            give_back();
        } else if (outcome.is_error()) {
            parent().home()->report_error(one.name(), one.error());
        }
    } else if (outcome.is_error()) {
        if (first_error_) {
            parent().home()->report_error(one.name(), one.error());
        } else {
            failed(one.error());
        }
    }
    if (joining_ && live_.empty()) joining_->wake();
}

/// A wait that has completed although it lost is destroyed in its turn, in place of being resumed:
/// as if it had never begun its first step. Its awaiter then gives back what it holds.
void nursery::give_back() noexcept {
    for (child* one = live_.front(); one; one = live_.after(*one)) {
        const bool has_completed = one->state_ == activity::state::queued && one->requests_.pending;
        if (one->late() == when_late::gives_back && has_completed &&
            !frame_links::of(one->frame_).continuation)
            one->started_ = false;
    }
}

void nursery::failed(std::exception_ptr error) noexcept {
    first_error_ = std::move(error);
    cancel_children();
    if (body_.is_open()) body_.request_cancel();
}

void nursery::outer_request() noexcept {
    using delivery = activity_engine::delivery;
    activity_engine::deliver(parent(), outer_requested_ ? delivery::along : delivery::next);
    outer_requested_ = true;
    cancel_children();
}

/// An error that is there by now came first.
bool nursery::settle_request(result_base& outcome, bool has_value) noexcept {
    const bool is_error = outcome.is_error();
    if (outer_requested_) {
        if (is_error || has_value) {
            parent().redeliver();
        } else {
            outcome.set_cancelled();
        }
    }
    return !is_error && (has_value || !outer_requested_);
}

withdrawal nursery::join_awaiter::withdraw() noexcept {
    in_.outer_request();
    return withdrawal::noted;
}

void nursery::body_ended(const result_base& outcome, std::exception_ptr error) noexcept {
    const bool was_cancelled = outcome.is_cancelled();
    const bool by_us = body_.end(was_cancelled);
    if (was_cancelled && !by_us) {
        outer_requested_ = true;
        cancel_children();
    } else if (error) {
        if (first_error_) {
            parent().home()->report_error(parent().name(), std::move(error));
        } else {
            failed(std::move(error));
        }
    }
}

} // namespace cicada::detail
