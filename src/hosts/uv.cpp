#include <cicada/hosts/uv.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <uv.h>

#include <cicada/hosts/host_driver.hpp>
#include <cicada/loop/clock_watch.hpp>

namespace cicada {

/// Deletes itself when libuv has let go of its three handles.
///
/// A program may close all handles of its loop, as with uv_walk(), and so these, with a callback of
/// its own. libuv ignores what is then asked of them (sends, starts, references), so that nothing
/// breaks; but no turn comes any more, or no deadline. The next turn, or the end of the host,
/// notices.
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
        if (is_closing()) close_with_handles();
        host_driver::end();
        for (uv_handle_t* h : handles())
            if (!uv_is_closing(h)) close(h);
        if (closing_ == 0) go();
    }

    /// uv_run() would not wait for a wake-up alone, and what its own thread starts may be all that
    /// there is. Other threads cannot make it wait: uv_ref() is not for them.
    void wake() noexcept override {
        if (std::this_thread::get_id() == thread_.load()) {
            if (!is_closing()) {
                uv_ref(as_handle(wake_));
            } else if (!get().is_closed()) {
                return get().close(); // comes back
            }
        }
        uv_async_send(&wake_);
    }
    bool wants_every_post() const noexcept override { return true; }

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
        const bool is_due = next && *next <= get().turn_at();
        if (is_due) {
            uv_async_send(&wake_);
        } else if (next) {
            wait_until(*next);
        } else {
            uv_timer_stop(&timer_);
            set_for_.reset();
        }
        // Without all handles there is nothing to wait for.
        const bool has_lost_handles = is_closing();
        if (has_lost_handles) close_with_handles();
        if (has_lost_handles ? is_due : !get().is_drained()) {
            uv_ref(as_handle(wake_));
        } else {
            uv_unref(as_handle(wake_));
        }
    }
    /// Whether somebody else closes our handles.
    bool is_closing() noexcept { return std::ranges::any_of(handles(), uv_is_closing); }
    /// Says so, once, if that is too early, and closes the loop: what is left is cancelled in the
    /// turns that still come, or when the host goes.
    void close_with_handles() noexcept {
        if (std::exchange(was_noticed_, true)) return;
        if (!get().is_drained()) {
            const auto error = std::make_exception_ptr(std::logic_error(
                "its handles were closed, as by uv_walk(), while something was left on its loop, "
                "which is cancelled: call close() first, and let uv_run() return"));
            get().report_error("a uv_host", error);
        }
        get().close();
    }
    void close(uv_handle_t* h) noexcept {
        ++closing_;
        uv_close(h, [](uv_handle_t* closed) {
            if (--of(closed).closing_ == 0) of(closed).go();
        });
    }
    /// libuv lists a handle until it has let go of it. The callbacks of those that others have
    /// closed are not ours, and those closed last are called first: another handle that is closed
    /// now tells when the others may have been.
    void go() noexcept {
        if (!is_listed()) {
            delete this;
            return;
        }
        uv_timer_init(uv_, &last_);
        last_.data = this;
        close(as_handle(last_));
    }
    bool is_listed() noexcept {
        struct search {
            const std::array<uv_handle_t*, 3> ours;
            bool has_found;
        } in{handles(), false};
        const auto look = [](uv_handle_t* each, void* arg) {
            auto& [ours, has_found] = *static_cast<search*>(arg);
            if (std::ranges::find(ours, each) != ours.end()) has_found = true;
        };
        uv_walk(uv_, look, &in);
        return in.has_found;
    }
    std::array<uv_handle_t*, 3> handles() noexcept {
        return {as_handle(wake_), as_handle(timer_), as_handle(clock_event_)};
    }
    /// An earlier alarm stays: a turn for nothing costs less than to set the timer each time.
    void wait_until(elapsed_time deadline) {
        if (set_for_ && *set_for_ <= deadline) return;
        set_for_ = deadline;
        uv_update_time(uv_); // it counts from when its iteration began
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(between(elapsed_now(), deadline));
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
    uv_timer_t last_;
    int closing_ = 0; // of these, by us
    bool was_noticed_ = false; // that others close them
};

uv_host::uv_host(uv_loop_t* turned_by, loop_options options) : turner_(new turner(turned_by)) {
    turner_->begin(std::move(options));
}
uv_host::~uv_host() { turner_->end(); }

loop& uv_host::get() const noexcept { return turner_->get(); }
void uv_host::close() noexcept { turner_->get().close(); }

} // namespace cicada
