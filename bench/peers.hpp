// The peers' headers in the one order that works (libev and libevent share names), and a little C
// for C++.
#pragma once

#define EV_COMPAT3 0
#include <ev.h>

#include <event2/event.h>
#include <event2/thread.h>
#include <uv.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "harness.hpp"

namespace bench {

namespace asio = boost::asio;
using asio_clock = std::chrono::steady_clock;

/// One thread, no locks: what a skilled user of Asio asks for.
inline constexpr int asio_single_thread = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE;

inline asio_clock::time_point asio_time(std::int64_t elapsed_ns) {
    return asio_clock::time_point{nanoseconds{elapsed_ns}};
}

/// libevent's default clock is coarse and fires up to 5 ms early.
inline event_base* precise_event_base() {
    event_config* config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    event_base* base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

inline timeval to_timeval(std::int64_t ns) {
    if (ns < 0) ns = 0;
    return {ns / 1'000'000'000, ns % 1'000'000'000 / 1'000};
}

} // namespace bench
