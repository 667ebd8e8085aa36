#pragma once

/// Whether a test runs many times slower than its product will: it does less then.

namespace support {

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
inline constexpr bool is_slow = true;
#elif defined(__has_feature)
inline constexpr bool is_slow = __has_feature(address_sanitizer);
#else
inline constexpr bool is_slow = false;
#endif

} // namespace support
