#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <cicada/base/time.hpp>

namespace cicada {

/// Text that could not be read: what was expected, where, and a remedy if there is one.
class CICADA_API parse_error final : public std::invalid_argument {
public:
    parse_error(std::string_view text, std::size_t offset, std::string expected,
                std::string hint = {});
    std::size_t offset() const noexcept { return offset_; }
    const std::string& expected() const noexcept { return expected_; }
    const std::string& hint() const noexcept { return hint_; }

private:
    std::size_t offset_;
    std::string expected_;
    std::string hint_;
};

/// Reads an instant of RFC 3339, such as "2026-01-01T00:00:00Z" or "2026-01-01 07:30:00.5+01:00".
/// Up to nine digits of a second count. A leap second (:60) is the first instant after it. Throws
/// parse_error, also for instants outside of what wall_time can hold (1677 to 2262).
CICADA_API wall_time parse_instant(std::string_view text);

/// The instant in UTC, with as many digits of a second as it needs: "2026-01-01T00:00:00Z".
CICADA_API std::string format_instant(wall_time instant);

} // namespace cicada
