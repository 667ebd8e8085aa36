#pragma once

#include <cicada/base/owned.hpp>
#include <cicada/loop/loop.hpp>

struct _GMainContext;

namespace cicada {

struct glib_options {
    /// Of the source, among those of its context: G_PRIORITY_DEFAULT. GTK lays out and draws at 110
    /// and 120 (G_PRIORITY_HIGH_IDLE + 10 and + 20): a larger number lets that go first, even when
    /// the loop is never idle.
    int priority = 0;
    loop_options loop = {};
};

/// A loop that a GLib main context turns, among its other sources: also that of GTK, and of Qt
/// where it uses GLib. CMake target cicada::glib.
///
///     cicada::glib_host host; // in this thread's default context, or name one
///     auto beat = cicada::every(host.get(), 1s, send_heartbeat);
///     g_main_loop_run(main_loop);
///
/// Context:  the one that is given, else the thread-default one of the thread that makes it
///           (g_main_context_push_thread_default), which is the global one unless another was
///           pushed.
/// Threads:  whichever thread iterates the context turns the loop; constructor and destructor on
///           it, or while none does. get() from any: post, spawn and every with the loop as first
///           argument. Outside of the loop's own tasks and callbacks there is no current loop.
/// Time:     GLib waits for whole milliseconds: a wake comes up to one later, never earlier.
///           Suspends and changes of the wall clock wake the loop.
/// Shutdown: a GLib main loop runs until it is told to quit. close(); everything is cancelled and
///           goes on until it has ended: iterate while !is_drained(). Destroying the host with work
///           left cancels it, lets it run as far as it can without waiting, and destroys the frames
///           of the rest where they stand.
/// Lifetime: holds a reference to the context. Not destroyed by one of its own tasks
///           (std::terminate).
/// Errors:   std::system_error when it is made.
class CICADA_API glib_host {
public:
    explicit glib_host(_GMainContext* turned_by = nullptr, glib_options options = {});
    ~glib_host();
    glib_host(const glib_host&) = delete;
    glib_host& operator=(const glib_host&) = delete;

    loop& get() const noexcept;
    /// Any thread: starts the shutdown, without waiting for it.
    void close() noexcept;
    /// Thread of the context: nothing is left on the loop, nor on its way to it.
    bool is_drained() const noexcept;

private:
    class turner;
    detail::owned<turner> turner_;
};

} // namespace cicada
