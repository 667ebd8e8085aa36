#include <cicada/loop/run.hpp>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include <loop/loop_engine.hpp>
#include <loop/thread_driver.hpp>

namespace cicada {

namespace detail {

/// A loop and the driver that turns it on the calling thread.
class thread_turned {
public:
    explicit thread_turned(thread_options options)
        : driver_(options.accuracy, options.spin), loop_(driver_, std::move(options.loop)),
          here_(loop_) {}

    thread_driver& driver() noexcept { return driver_; }
    loop& get() noexcept { return loop_; }

    template <class Done>
    void until(Done done) {
        while (!done()) {
            const auto next = loop_.run_ready();
            if (!done() && (!next || *next > loop_.turn_at())) driver_.wait(loop_, next);
        }
    }
    /// Cancels and joins everything.
    void drain() {
        loop_.shut_down();
        until([this] { return loop_.is_drained(); });
    }

private:
    thread_driver driver_;
    loop loop_;
    loop_engine::scope here_;
};

thread_runner::thread_runner(run_options options) {
    if (executor::current()) {
        throw std::logic_error(
            "cicada::run within a running loop: co_await the task there instead");
    }
    turned_.reset(new thread_turned({options.accuracy, options.spin, std::move(options.loop)}));
    if (options.cancel_on_signal) turned_->driver().handle_signals();
}

thread_runner::~thread_runner() = default;

loop& thread_runner::get() noexcept { return turned_->get(); }

void thread_runner::run_until_ended(activity& main) {
    turned_->until([&] {
        if (turned_->driver().take_signal()) main.request_cancel();
        return main.has_ended();
    });
    turned_->get().close();
    turned_->drain();
}

} // namespace detail

struct loop_thread::state {
    loop* turned = nullptr;
    // Closed and drained, the loop still answers until its owner goes.
    std::atomic<bool> is_released{false};
    std::mutex mutex; // held while the owner still touches the loop
    std::condition_variable changed;
    bool is_drained = false; // guarded by the mutex
    std::thread thread;
};

loop_thread::loop_thread(thread_options options) : state_(new state) {
    std::promise<loop*> made;
    state_->thread = std::thread([&made, own = &*state_, options = std::move(options)]() mutable {
        std::unique_ptr<detail::thread_turned> here;
        try {
            here = std::make_unique<detail::thread_turned>(std::move(options));
        } catch (...) {
            return made.set_exception(std::current_exception());
        }
        loop& turned = here->get();
        made.set_value(&turned);
        here->until([&] { return turned.is_closed(); });
        here->drain();
        {
            const std::lock_guard lock(own->mutex);
            own->is_drained = true;
            own->changed.notify_all();
        }
        here->until(
            [&] { return own->is_released.load(); }); // others may still ask what became of it
        const std::lock_guard lock(own->mutex);
        here.reset();
    });
    try {
        state_->turned = made.get_future().get();
    } catch (...) {
        state_->thread.join();
        throw;
    }
}

loop_thread::~loop_thread() {
    if (!state_) return;
    {
        const std::lock_guard lock(state_->mutex);
        state_->is_released.store(true);
        close();
    }
    state_->thread.join();
}

loop_thread::loop_thread(loop_thread&&) noexcept = default;
loop_thread& loop_thread::operator=(loop_thread&& other) noexcept {
    loop_thread replaced(std::move(other));
    std::swap(state_, replaced.state_);
    return *this;
}

loop& loop_thread::get() const {
    if (!state_) throw std::logic_error("cicada: an empty loop_thread was used: it was moved from");
    return *state_->turned;
}

void loop_thread::close() noexcept {
    if (state_) state_->turned->close();
}

void loop_thread::wait_until_drained() {
    get(); // it was not moved from
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->is_drained; });
}

} // namespace cicada
