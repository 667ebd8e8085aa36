#pragma once

/// What a store is given as text is UTF-8 without NUL, and no longer than it may be. What handlers
/// say goes through here; what is wrong in it is replaced, for it is not worth losing a run (D10).
///
/// Cost: O(what is kept), however long the text is.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cicada::detail {

inline constexpr std::size_t most_name = 200; // bytes; also of kinds, labels and keys
inline constexpr std::size_t most_reason = 4 * 1024;
inline constexpr std::size_t most_report = 4 * 1024;
inline constexpr std::size_t most_log = 64 * 1024;
inline constexpr std::size_t most_arguments = 64 * 1024;

/// Which part of a text that is too long.
enum class kept_part : std::uint8_t { beginning, end };

/// Each NUL, and each byte that is no UTF-8, becomes U+FFFD. What is longer than `most` bytes is
/// cut between two characters, with a "[...]" where the rest was, within `most`.
std::string clean_text(std::string_view text, std::size_t most,
                       kept_part part = kept_part::beginning);

/// Where the first NUL, or the first byte that is no UTF-8, is.
std::optional<std::size_t> find_unclean(std::string_view text) noexcept;

} // namespace cicada::detail
