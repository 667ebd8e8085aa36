#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <cicada/schedule/policy.hpp>

namespace cicada {

/// Options of `every`, by name: `every(250ms, {.name = "flush", .jitter = 10ms}, flush)`.
struct every_options {
    /// For messages and lists, and the identity that jitter depends on. Copied.
    std::string_view name = {};
    cicada::first first = {};
    cicada::missed missed = missed::skip;
    cicada::overlap overlap = {};
    cicada::on_error on_error = on_error::carry_on;
    /// Each tick comes up to this much later, always the same for the same name and instant, but before the next nominal
    /// instant. Spreads a herd. The schedule itself does not move.
    duration jitter = duration::zero();
    /// How much later a tick may come so that it can share a wake-up with others.
    duration accuracy = duration::zero();
    /// End after so many runs; 0: never.
    std::uint64_t times = 0;
    /// End before the first nominal instant after this.
    std::optional<wall_time> until = std::nullopt;
};

} // namespace cicada
