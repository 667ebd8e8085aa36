#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <cicada/base/time.hpp>

namespace cicada {

/// What to do about a text, where a command or a file has other words for it than C++.
enum class remedy : std::uint8_t {
    none,
    quartz_dialect, // it is a pattern of Quartz: dialect::quartz
    name_for_hash, // cron_options::name
    period, // it is no pattern: every(5min, ...)
};

/// Text that could not be read: what was expected, where, and what else there is to say.
class CICADA_API parse_error final : public std::invalid_argument {
public:
    parse_error(std::string_view text, std::size_t offset, std::string expected,
                std::string hint = {}, remedy mended_by = remedy::none);
    /// The same of a `text` in which the one that could not be read begins at `begin`.
    parse_error(const parse_error& part, std::string_view text, std::size_t begin);
    std::size_t offset() const noexcept { return offset_; }
    const std::string& expected() const noexcept { return expected_; }
    /// A rewrite, or a reason; perhaps empty. Without the remedy, which what() has in the words of
    /// C++.
    const std::string& hint() const noexcept { return hint_; }
    remedy mended_by() const noexcept { return mended_by_; }

private:
    std::size_t offset_;
    std::string expected_;
    std::string hint_;
    remedy mended_by_;
};

/// Reads an instant of RFC 3339, such as "2026-01-01T00:00:00Z" or "2026-01-01 07:30:00.5+01:00".
/// Up to nine digits of a second count. A leap second (:60) is the first instant after it. Throws
/// parse_error, also for instants outside of what wall_time can hold (1677 to 2262).
CICADA_API wall_time parse_instant(std::string_view text);

/// The instant in UTC, with as many digits of a second as it needs: "2026-01-01T00:00:00Z".
CICADA_API std::string format_instant(wall_time instant);

} // namespace cicada
