#pragma once

#include <cicada/loop/loop.hpp>

struct uv_loop_s;

namespace cicada {

/// A loop that a libuv loop turns, among its other handles. CMake target cicada::uv.
///
///     cicada::uv_host host(uv_default_loop());
///     auto beat = cicada::every(host.get(), 1s, send_heartbeat);
///     uv_run(uv_default_loop(), UV_RUN_DEFAULT);
///
/// While anything is left on the loop it keeps uv_run() going; it lets uv_run() return when nothing
/// is. What other threads post when nothing else keeps uv_run() going may come too late, as
/// everywhere in libuv.
///
/// Threads:  the one that calls uv_run() turns the loop, always the same. Constructor and
///           destructor on it, or while it does not call it. get() from any: post, spawn and every
///           with the loop as first argument. Outside of the loop's own tasks and callbacks there
///           is no current loop.
/// Time:     libuv's timers count milliseconds: a wake comes up to one later, never earlier.
///           Suspends and changes of the wall clock wake the loop.
/// Shutdown: close(); everything is cancelled and goes on until it has ended, and then uv_run()
///           returns. Destroying the host with work left cancels it, lets it run as far as it can
///           without waiting, and destroys the frames of the rest where they stand. It closes its
///           handles; as always, uv_run() has to run once more before uv_loop_close().
///           A program that closes all handles of its loop, as with uv_walk(), may do so: the host
///           goes before or after that. What is then left on its loop is cancelled and told to the
///           error handler: that was too early, because it cannot wait for anything any more. The
///           host notices at its next turn, at the next post of its thread, or when it goes, and
///           closes the loop. The close callback must not free handles that it does not know.
/// Lifetime: goes before the uv loop, and not by one of its own tasks (std::terminate).
/// Errors:   std::system_error when it is made.
class CICADA_API uv_host {
public:
    explicit uv_host(uv_loop_s* turned_by, loop_options options = {});
    ~uv_host();
    uv_host(const uv_host&) = delete;
    uv_host& operator=(const uv_host&) = delete;

    loop& get() const noexcept;
    /// Any thread: starts the shutdown, without waiting for it.
    void close() noexcept;

private:
    class turner;
    turner* turner_; // belongs to its libuv handles
};

} // namespace cicada
