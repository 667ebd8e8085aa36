#pragma once

#include <string>
#include <string_view>

#include <cicada/base/time.hpp>

namespace cicada::detail {

// Throw std::invalid_argument, `cicada: <where>: <what is wrong>`.

/// Of what is an identity, so that it cannot be cleaned: UTF-8 without NUL, and not too long.
void check_key(std::string_view key, std::string_view field, const std::string& where);
void check_not_negative(duration d, std::string_view field, const std::string& where);

} // namespace cicada::detail
