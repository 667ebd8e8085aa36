#pragma once

#include <cstdint>
#include <cstdlib>

namespace support {

/// A number that whoever runs the tests has set, say CICADA_SEEDS.
inline std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* const given = std::getenv(name);
    return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

} // namespace support
