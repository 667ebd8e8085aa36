// parse_instant: never crashes, and what it takes it gives back.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cicada/base/rfc3339.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const cicada::wall_time instant = cicada::parse_instant(text);
        if (cicada::parse_instant(cicada::format_instant(instant)) != instant) std::abort();
    } catch (const cicada::parse_error& e) {
        if (e.offset() > size || e.expected().empty()) std::abort();
    }
    return 0;
}
