#pragma once

#include <string>

namespace cicada::detail {

/// A URL as it may be shown: without its password, and its options. Throws store_error (bad_url)
/// for what libpq does not take.
std::string place_of(const std::string& url);

} // namespace cicada::detail
