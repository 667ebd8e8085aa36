#pragma once

/// Random numbers that are the same everywhere, so that a seed repeats its case: std::mt19937's
/// distributions differ from library to library.

#include <cstdint>

namespace support {

/// splitmix64: S. Vigna, public domain.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) noexcept : state_(seed) {}
    /// From 0 to below - 1.
    unsigned operator()(unsigned below) noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return static_cast<unsigned>((z ^ (z >> 31)) >> 33) % below;
    }

private:
    std::uint64_t state_;
};

} // namespace support
