#pragma once

#include <algorithm>
#include <cstddef>

namespace cicada::detail {

/// What is left of a transaction that is a part of a round through history.
struct prune_budget {
    std::size_t rows; // that may go
    std::size_t looks = 5'000; // at rows, or for some

    void looked(std::size_t times) noexcept { looks -= std::min(looks, times); }
    bool is_spent() const noexcept { return rows == 0 || looks == 0; }
};

inline constexpr std::size_t looks_at_aged_run = 6; // it is read, and newer ones looked for

} // namespace cicada::detail
