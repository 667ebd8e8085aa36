#pragma once

/// Foreign text in a terminal: how wide it is, and nothing in it that a terminal would obey.

#include <cstddef>
#include <string>
#include <string_view>

namespace cicada::app {

/// UTF-8 as it is printed: control characters, and bytes that are no UTF-8, become '?', a tab
/// becomes a space.
std::string displayed(std::string_view text);

/// How many columns displayed(text) takes: none for a combining character, two for an East Asian
/// wide one.
std::size_t width_of(std::string_view text);

/// How many characters (code points) there are before the byte at `offset`.
std::size_t character_at(std::string_view text, std::size_t offset);

/// The byte at which the n-th character begins, n from 0; the end when there are fewer.
std::size_t offset_of(std::string_view text, std::size_t n);

/// `text` as displayed, and spaces up to `width` columns.
std::string padded(std::string_view text, std::size_t width);

} // namespace cicada::app
