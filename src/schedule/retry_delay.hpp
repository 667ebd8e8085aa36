#pragma once

#include <optional>

#include <schedule/jitter.hpp>
#include <schedule/policies.hpp>

namespace cicada::detail {

/// How long to wait before the next attempt, `failed` of them having failed for this nominal
/// instant. None: that was the last. Pure.
inline std::optional<duration> retry_delay(const policies::retries& how, std::uint32_t failed,
                                           std::uint64_t identity, duration nominal) noexcept {
    if (failed == 0 || failed > how.max) return std::nullopt;
    double wait = static_cast<double>(how.backoff.count());
    const double most = static_cast<double>(how.cap.count());
    for (std::uint32_t i = 1; i < failed && wait < most; ++i) wait *= how.factor;
    const duration base = wait < most ? duration(static_cast<duration::rep>(wait)) : how.cap;
    const duration more = jitter_of(identity + failed, nominal, how.jitter);
    return base > duration::max() - more ? duration::max() : base + more;
}

} // namespace cicada::detail
