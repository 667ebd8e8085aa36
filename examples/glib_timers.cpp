// cicada in a program that GLib's main loop runs: a GLib timeout, a periodic and a task side by
// side.
#include <cicada/cicada.hpp>
#include <cicada/hosts/glib.hpp>

#include <cstdio>
#include <glib.h>

using namespace std::chrono_literals;

cicada::task<> program(GMainLoop* until) {
    auto beat =
        cicada::every(100ms, {.first = cicada::first::after_period}, [] { std::puts("beat"); });
    co_await cicada::sleep(250ms);
    co_await beat.cancel();
    std::puts("the task has ended");
    g_main_loop_quit(until);
}

gboolean on_timeout(gpointer) {
    std::puts("a timeout of GLib");
    return G_SOURCE_REMOVE;
}

int main() {
    GMainLoop* const loop = g_main_loop_new(nullptr, FALSE);
    cicada::glib_host host; // on the default context
    g_timeout_add(150, on_timeout, nullptr);
    cicada::spawn(host.get(), program(loop)).detach();
    g_main_loop_run(loop);
    std::puts("done");
    g_main_loop_unref(loop);
}
