#pragma once

#include <cstdint>

#include <cicada/base/time.hpp>

namespace cicada::detail {

/// A delay in [0, most) that depends on nothing but its arguments, so that it is the same on every
/// machine and after a restart, and differs between names and between instants. (The mixer is the
/// finaliser of SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
/// generators", 2014.)
constexpr duration jitter_of(std::uint64_t identity, duration nominal, duration most) noexcept {
    if (most <= duration::zero()) return duration::zero();
    std::uint64_t x = identity + 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(nominal.count());
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return duration(static_cast<std::int64_t>(x % static_cast<std::uint64_t>(most.count())));
}

} // namespace cicada::detail
