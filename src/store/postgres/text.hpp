#pragma once

/// Texts as PostgreSQL keeps them: it takes neither NUL nor what is no UTF-8, and a store keeps all
/// bytes. What is ordinary stays as it is, so that people can read it; the rest is marked by the
/// byte 1, in an order that is that of the bytes:
///
///     NUL -> 1 1     1 -> 1 2     a byte that is part of no character -> 1 and two hex digits

#include <string>
#include <string_view>

namespace cicada::detail {

/// Appends it.
void store_text(std::string_view text, std::string& to);
std::string restore_text(std::string_view stored);

} // namespace cicada::detail
