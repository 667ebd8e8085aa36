#pragma once

#include <cstdint>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cicada/base/owned.hpp>
#include <cicada/base/pool.hpp>

namespace cicada::detail {

class operation_wait;

/// Stands between an operation, which is Asio's, and the task that waits for it, because either may go first.
struct operation_link : pooled {
    operation_link(const boost::asio::any_io_executor& host, std::uint64_t id)
        : executor(host), loop_id(id) {}

    operation_wait* waiting = nullptr; // null: its frame is gone
    const boost::asio::any_io_executor executor; // also when the host is gone
    const std::uint64_t loop_id;
    boost::asio::cancellation_signal signal;
};

} // namespace cicada::detail
