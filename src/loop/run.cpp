#include <cicada/loop/run.hpp>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include <loop/thread_driver.hpp>

namespace cicada {

namespace detail {

struct thread_runner::state {
    state(const thread_options& options, bool cancel_on_signal)
        : driver(options.accuracy, options.spin), turned(driver, options.loop), here(turned) {
        if (cancel_on_signal) driver.handle_signals();
    }

    template <class Done>
    void turn_until(Done done) {
        while (!done()) {
            const auto next = turned.run_ready();
            if (!done() && (!next || *next > turned.turn_at())) driver.wait(turned, next);
        }
    }
    void drain() {
        turned.shut_down();
        turn_until([this] { return turned.is_drained(); });
    }

    thread_driver driver;
    loop turned;
    loop::scope here;
};

namespace {
void require_no_loop() {
    if (executor::current()) {
        throw std::logic_error(
            "cicada::run within a running loop: co_await the task there instead");
    }
}
} // namespace

thread_runner::thread_runner(const thread_options& options, bool cancel_on_signal) {
    require_no_loop();
    state_.reset(new state(options, cancel_on_signal));
}

thread_runner::~thread_runner() = default;

loop& thread_runner::get() noexcept { return state_->turned; }

void thread_runner::run_until_ended(activity& main) {
    state_->turn_until([&] {
        if (state_->driver.take_signal()) main.request_cancel();
        return main.has_ended();
    });
    state_->turned.close();
    state_->drain();
}

void thread_runner::run_until_closed() {
    state_->turn_until([this] { return state_->turned.is_closed(); });
    state_->drain();
}

void thread_runner::run_until(const std::atomic<bool>& done) {
    state_->turn_until([&] { return done.load(); });
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
        std::unique_ptr<detail::thread_runner> runner;
        try {
            runner = std::make_unique<detail::thread_runner>(options);
        } catch (...) {
            return made.set_exception(std::current_exception());
        }
        made.set_value(&runner->get());
        runner->run_until_closed();
        {
            const std::lock_guard lock(own->mutex);
            own->is_drained = true;
            own->changed.notify_all();
        }
        runner->run_until(own->is_released);
        const std::lock_guard lock(own->mutex);
        runner.reset();
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

loop_thread::state& loop_thread::running() const {
    if (!state_) throw std::logic_error("cicada: an empty loop_thread was used: it was moved from");
    return *state_;
}

loop& loop_thread::get() const { return *running().turned; }

void loop_thread::close() noexcept {
    if (state_) state_->turned->close();
}

void loop_thread::wait_until_drained() {
    state& waited_for = running();
    std::unique_lock lock(waited_for.mutex);
    waited_for.changed.wait(lock, [&] { return waited_for.is_drained; });
}

} // namespace cicada
