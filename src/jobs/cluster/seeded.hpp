#pragma once

#include <cstdint>

namespace cicada::detail {

/// Numbers that only look random, the same everywhere. (SplitMix64: see schedule/jitter.hpp.)
class seeded {
public:
    explicit seeded(std::uint64_t seed) noexcept : state_(seed) {}
    /// From 0 to below - 1; of 0, 0.
    std::uint64_t operator()(std::uint64_t below) noexcept {
        std::uint64_t x = (state_ += 0x9e3779b97f4a7c15u);
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        x ^= x >> 31;
        return below > 0 ? x % below : 0;
    }

private:
    std::uint64_t state_;
};

} // namespace cicada::detail
