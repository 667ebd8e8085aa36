#pragma once

#include <cstdint>
#include <string_view>

namespace cicada::detail {

/// What jitter and `H` depend on: the same on every node and after a restart. (FNV-1a with 64 bits:
/// G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, "The FNV Non-Cryptographic Hash Algorithm".)
constexpr std::uint64_t name_hash(std::string_view name) noexcept {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return h;
}

} // namespace cicada::detail
