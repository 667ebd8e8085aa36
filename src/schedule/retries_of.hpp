#pragma once

#include <schedule/policies.hpp>

namespace cicada::detail {

/// The numbers of what users write.
inline policies::retries retries_of(const retry& given) noexcept {
    return {.max = given.max,
            .backoff = given.backoff,
            .factor = given.factor,
            .cap = given.cap,
            .jitter = given.jitter};
}

} // namespace cicada::detail
