#pragma once

#include <cicada/periodic/core.hpp>
#include <schedule/course.hpp>

namespace cicada::detail {

/// What a user has written, as what a course decides by. All but the identity, which a loop gives.
rules rules_of(const periodic_core::setup& how);

/// Nothing but a name, perhaps: it needs no course.
bool has_plain_policies(const every_options& o, periodic_core::kind of) noexcept;

} // namespace cicada::detail
