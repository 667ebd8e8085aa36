#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <cicada/schedule/cron.hpp>
#include <schedule/cron_grammar.hpp>

namespace cicada::detail {

/// Throws parse_error.
cron_fields parse_cron(std::string_view pattern, dialect language, std::string_view name);
/// The pattern in numbers only, with ranges and steps where they are shorter than a list; it parses
/// back to equal fields in dialect_of(fields), and two patterns of one meaning are written alike.
std::string format_cron(const cron_fields& fields);
/// OCPS; Quartz for what only Quartz can say: `LW`, `L-3`, `L-3W`.
dialect dialect_of(const cron_fields& fields) noexcept;

/// What H is in this field, but for the remainder by how many values there are to choose from.
std::uint64_t cron_hash(std::string_view name, cron_part part) noexcept;

} // namespace cicada::detail
