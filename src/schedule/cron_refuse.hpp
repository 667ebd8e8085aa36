#pragma once

// What is said of a pattern that cannot be read. All of it throws parse_error, and all of it is
// cold: the parser itself only notices that something is wrong and where.

#include <cstddef>
#include <string>
#include <string_view>

#include <cicada/schedule/cron.hpp>

#include <schedule/cron_grammar.hpp>

namespace cicada::detail {

struct cron_place {
    std::string_view pattern;
    std::size_t offset;
    cron_part part;
    dialect language;
};

[[noreturn]] void refuse(const cron_place& at, std::string expected, std::string hint = {},
                         remedy mended_by = remedy::none);

/// Not 5, 6 or 7 fields; `eighth_at` is where a field too many begins.
[[noreturn]] void refuse_count(std::string_view pattern, dialect language, std::size_t found,
                               std::size_t eighth_at);
/// `name` is no nickname, or one but `rest` follows it.
[[noreturn]] void refuse_nickname(std::string_view pattern, dialect language, std::string_view name,
                                  std::string_view rest);

/// Something else stands where a value of the field should.
[[noreturn]] void refuse_value(const cron_place& at);
[[noreturn]] void refuse_number(const cron_place& at, int value);
/// After a complete value, or in its place, stands what does not belong there.
[[noreturn]] void refuse_character(const cron_place& at, std::string expected);
[[noreturn]] void refuse_descending(const cron_place& at, int first, int last);
/// `first/n`, where only `*` or a range may be stepped over; `steps` is the text from `/` on.
[[noreturn]] void refuse_bare_step(const cron_place& at, int first, std::string_view steps);
[[noreturn]] void refuse_step(const cron_place& at);

} // namespace cicada::detail
