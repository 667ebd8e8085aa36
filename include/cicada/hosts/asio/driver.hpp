#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cicada/hosts/asio/link.hpp>
#include <cicada/hosts/host_driver.hpp>
#include <cicada/loop/clock_watch.hpp>

namespace cicada::detail {

class asio_driver;

/// Ends the drivers within a context that is being destroyed, while they can still let go of what
/// they have of it.
class context_guests final : public boost::asio::execution_context::service {
public:
    static inline boost::asio::execution_context::id id;

    explicit context_guests(boost::asio::execution_context& of) : service(of) {}

    void add(asio_driver& one) {
        const std::lock_guard lock(mutex_);
        all_.push_back(&one);
    }
    void remove(asio_driver& one) noexcept {
        const std::lock_guard lock(mutex_);
        std::erase(all_, &one);
    }

private:
    void shutdown() override;

    std::mutex mutex_;
    std::vector<asio_driver*> all_;
};

/// Turns a loop by handlers on an executor, with one steady_timer for all timers. While something
/// is left on the loop, it is outstanding work of the context.
class asio_driver final : public host_driver, public std::enable_shared_from_this<asio_driver> {
    using error_code = boost::system::error_code;

public:
    asio_driver(boost::asio::any_io_executor on, duration accuracy)
        : executor_(std::move(on)), thread_test_(thread_test_for(executor_)), accuracy_(accuracy) {}

    void begin(loop_options options) {
        host_driver::begin(std::move(options));
        guests_ = &boost::asio::use_service<context_guests>(executor_.context());
        guests_->add(*this);
    }
    void end() noexcept {
        if (has_ended()) return; // with its context
        guests_->remove(*this);
        host_driver::end();
        work_.reset();
        spare_link_.reset();
        alarm_.reset();
        executor_ = {}; // a strand holds on to its context
    }

    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

    void wake() noexcept override {
        boost::asio::post(executor_, [self = shared_from_this()] { self->take_turn(); });
    }

    /// Completes the wait of `waiting` with what `store` stores. Its task goes on at once, or, when
    /// this is called from within a turn, in its turn.
    template <class Waiting, class Store>
    void complete(Waiting& waiting, Store store) {
        if (detail::executor::current() == &get()) {
            store();
            return waiting.wake();
        }
        const exclusive here(is_entered_);
        store();
        wait_for(get().run_between_turns(waiting.owner()));
    }

    /// The link of the last operation serves the next.
    owned<operation_link> take_link() {
        if (spare_link_) return std::move(spare_link_);
        return owned<operation_link>(new operation_link(executor_, thread_test_, get().id()));
    }
    void put_back(owned<operation_link>&& link) noexcept {
        link->cancel_at_home();
        spare_link_ = std::move(link);
    }

private:
    /// All that the loop owns is touched by one thread at a time, or not at all.
    class exclusive {
    public:
        explicit exclusive(std::atomic<bool>& entered) : entered_(entered) {
            if (entered_.exchange(true, std::memory_order_acquire))
                throw std::logic_error(
                    "cicada: two threads run the executor of an asio_host at the same time: give "
                    "it a strand, asio_host(boost::asio::make_strand(context))");
        }
        exclusive(const exclusive&) = delete;
        exclusive& operator=(const exclusive&) = delete;
        ~exclusive() { entered_.store(false, std::memory_order_release); }

    private:
        std::atomic<bool>& entered_;
    };

    void take_turn() {
        if (has_ended()) return;
        if (detail::executor::current() == &get()) {
            wake(); // for the turn that is not taken
            throw std::logic_error(
                "cicada: a task of an asio_host runs the context that runs it: co_await there "
                "instead");
        }
        const exclusive here(is_entered_);
        is_turn_due_ = false;
        wait_for(turn());
    }

    /// What waits for deadlines; made when there is the first, because it costs the context its
    /// reactor.
    struct alarm {
        explicit alarm(const boost::asio::any_io_executor& on)
            : timer(on), clock_event(on, clock.descriptor()) {}
        ~alarm() { clock_event.release(); } // the descriptor is the watch's

        // A handler whose wait has ended may come after the next wait has begun: it has another
        // number.
        boost::asio::steady_timer timer;
        std::optional<elapsed_time> set_for; // while the last wait goes on
        unsigned timer_wait = 0;
        clock_watch clock;
        boost::asio::posix::stream_descriptor clock_event;
        bool watches_clock = false; // while the last wait goes on
        unsigned clock_wait = 0;
    };

    void wait_for(std::optional<elapsed_time> next) {
        if (!next) {
            if (alarm_) let_go();
        } else if (*next <= get().turn_at()) {
            if (!std::exchange(is_turn_due_, true)) wake();
        } else {
            set_alarm(*next);
        }
        if (get().is_drained()) {
            work_.reset();
        } else if (!work_) {
            work_.emplace(executor_);
        }
    }

    /// An earlier alarm stays: usually it was for a timeout that did not come, and a turn for
    /// nothing costs less than to set the timer each time.
    void set_alarm(elapsed_time deadline) {
        if (!alarm_) { // a change of the clock before there was a watch went unnoticed: look again
            alarm_.emplace(executor_);
            wake();
        }
        if (!alarm_->watches_clock) watch_clock();
        if (alarm_->set_for && *alarm_->set_for <= deadline) return;
        alarm_->set_for = deadline;
        alarm_->timer.expires_after(between(elapsed_now(), later(deadline, accuracy_)));
        const unsigned wait = ++alarm_->timer_wait;
        alarm_->timer.async_wait([self = shared_from_this(), wait](error_code failed) {
            if (failed || self->has_ended()) return;
            if (wait == self->alarm_->timer_wait) self->alarm_->set_for.reset();
            self->take_turn();
        });
    }

    /// Deadlines count suspended time, and those of wall time move with the clock; Asio's timers do
    /// neither.
    void watch_clock() {
        alarm_->watches_clock = true;
        const unsigned wait = ++alarm_->clock_wait;
        const auto on_clock = [self = shared_from_this(), wait](error_code failed) {
            if (failed || self->has_ended()) return;
            alarm& woken = *self->alarm_;
            woken.clock.rearm();
            if (wait == woken.clock_wait) woken.watches_clock = false;
            if (woken.set_for) woken.timer.cancel();
            woken.set_for.reset();
            self->take_turn();
        };
        alarm_->clock_event.async_wait(boost::asio::posix::stream_descriptor::wait_read, on_clock);
    }

    void let_go() noexcept {
        error_code ignored;
        if (alarm_->set_for) alarm_->timer.cancel();
        if (alarm_->watches_clock) static_cast<void>(alarm_->clock_event.cancel(ignored));
        alarm_->set_for.reset();
        alarm_->watches_clock = false;
    }

    boost::asio::any_io_executor executor_;
    const thread_test& thread_test_;
    const duration accuracy_;
    context_guests* guests_ = nullptr;
    std::optional<boost::asio::executor_work_guard<boost::asio::any_io_executor>> work_;
    std::optional<alarm> alarm_;
    owned<operation_link> spare_link_;
    bool is_turn_due_ = false; // asked for by a turn itself
    std::atomic<bool> is_entered_{false};
};

inline void context_guests::shutdown() {
    // Each removes itself, and may take others along.
    while (!all_.empty()) all_.back()->end();
}

} // namespace cicada::detail
