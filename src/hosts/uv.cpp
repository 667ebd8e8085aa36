#include <cicada/hosts/uv.hpp>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

#include <uv.h>

#include <cicada/hosts/host_driver.hpp>
#include <cicada/loop/clock_watch.hpp>

namespace cicada {

/// Deletes itself when libuv has closed its three handles.
class uv_host::turner final : public detail::host_driver {
public:
    explicit turner(uv_loop_t* by) : uv_(by) {
        // The only one that can fail, so it comes first: handles have to be closed by their loop.
        if (const int failed = uv_poll_init(uv_, &clock_event_, clock_.descriptor()))
            throw std::system_error(-failed, std::generic_category(), "uv_poll_init");
        uv_timer_init(uv_, &timer_);
        uv_async_init(uv_, &wake_, [](uv_async_t* h) { of(h).take_turn(); });
        wake_.data = timer_.data = clock_event_.data = this;
        uv_async_send(&wake_); // wake_ alone says whether something is left: the first turn looks
        uv_unref(as_handle(timer_));
        uv_poll_start(&clock_event_, UV_READABLE, on_clock);
        uv_unref(as_handle(clock_event_));
    }
    void begin(loop_options options) { host_driver::begin(std::move(options)); }

    void end() noexcept {
        host_driver::end();
        open_handles_ = 3;
        for (uv_handle_t* h : {as_handle(wake_), as_handle(timer_), as_handle(clock_event_)})
            uv_close(h, [](uv_handle_t* closed) {
                if (--of(closed).open_handles_ == 0) delete &of(closed);
            });
    }

    /// uv_run() would not wait for a wake-up alone, and what its own thread starts may be all that there is.
    void wake() noexcept override {
        if (std::this_thread::get_id() == thread_.load()) uv_ref(as_handle(wake_));
        uv_async_send(&wake_);
    }

private:
    template <class Handle>
    static turner& of(Handle* h) noexcept {
        return *static_cast<turner*>(h->data);
    }
    template <class Handle>
    static uv_handle_t* as_handle(Handle& h) noexcept {
        return reinterpret_cast<uv_handle_t*>(&h);
    }

    void take_turn() {
        if (has_ended()) return;
        // A task that calls uv_run(), which libuv forbids, is not interrupted by another turn.
        if (detail::executor::current() == &get()) return;
        thread_.store(std::this_thread::get_id());
        const auto next = turn();
        if (next && *next <= get().turn_at()) {
            uv_async_send(&wake_);
        } else if (next) {
            wait_until(*next);
        } else {
            uv_timer_stop(&timer_);
            set_for_.reset();
        }
        if (get().is_drained() && !get().has_posts()) {
            uv_unref(as_handle(wake_));
        } else {
            uv_ref(as_handle(wake_));
        }
    }
    /// An earlier alarm stays: a turn for nothing costs less than to set the timer each time.
    void wait_until(elapsed_time deadline) {
        if (set_for_ && *set_for_ <= deadline) return;
        set_for_ = deadline;
        uv_update_time(uv_); // it counts from when its iteration began
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - elapsed_now());
        uv_timer_start(
            &timer_,
            [](uv_timer_t* h) {
                of(h).set_for_.reset();
                of(h).take_turn();
            },
            static_cast<std::uint64_t>(std::max(left.count(), std::int64_t{1})), 0);
    }
    static void on_clock(uv_poll_t* h, int, int) {
        of(h).clock_.rearm();
        of(h).set_for_.reset();
        of(h).take_turn();
    }

    uv_loop_t* const uv_;
    std::atomic<std::thread::id> thread_; // that last called uv_run(); none before the first turn
    uv_async_t wake_;
    uv_timer_t timer_;
    clock_watch clock_;
    uv_poll_t clock_event_;
    std::optional<elapsed_time> set_for_;
    int open_handles_ = 0;
};

uv_host::uv_host(uv_loop_t* turned_by, loop_options options) : turner_(new turner(turned_by)) {
    turner_->begin(std::move(options));
}
uv_host::~uv_host() { turner_->end(); }

loop& uv_host::get() const noexcept { return turner_->get(); }
void uv_host::close() noexcept { turner_->get().close(); }

} // namespace cicada
