#pragma once

/// after and at with options, until they have overloads that take them.

#include <utility>

#include <cicada/periodic/every.hpp>

namespace support {

template <class F>
cicada::periodic after(cicada::duration delay, const cicada::every_options& options, F f) {
    return cicada::detail::make_periodic(
        cicada::loop::current(), {cicada::detail::periodic_core::kind::once, delay, &options},
        std::move(f));
}
template <class F>
cicada::periodic at(cicada::wall_time instant, const cicada::every_options& options, F f) {
    return cicada::detail::make_periodic(
        cicada::loop::current(),
        {cicada::detail::periodic_core::kind::once_at_wall, instant.time_since_epoch(), &options},
        std::move(f));
}

} // namespace support
