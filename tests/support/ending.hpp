#pragma once

#include <string>

#include <cicada/async/spawn.hpp>

namespace support {

/// How a spawned task ended: "value", "cancelled" or what its error says.
template <class T>
cicada::task<std::string> ending(const cicada::join_handle<T>& handle) {
    try {
        co_await handle;
        co_return "value";
    } catch (const cicada::task_cancelled&) {
        co_return "cancelled";
    } catch (const std::exception& e) {
        co_return e.what();
    }
}

} // namespace support
