#pragma once

/// The same random histories through periodics, and through another driver: see history.hpp for
/// what is in them.
///
///     CICADA_SEED=7           that one alone
///     CICADA_SEEDS=100000     so many

#include <functional>
#include <optional>

#include <model/jobs/drivers.hpp>

namespace jobs_model {

/// None: it cannot play this one.
using plays = std::function<std::optional<accounts>(const history& one, const accounts& periodics)>;

enum class compared : std::uint8_t { told, all };

/// Every `stride`th history, until the first that is decided otherwise: a failure of the test.
void compare(const plays& by, compared what, std::uint64_t stride = 1);

} // namespace jobs_model
