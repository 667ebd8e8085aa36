/// Any text is refused with a column within it, or is a duration that survives being written and
/// read. Any eight bytes are a duration that does.

#include <cicada/schedule/duration_text.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

using namespace cicada;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    try {
        const duration d = parse_duration(text);
        require(d >= duration::zero());
        require(parse_duration(format_duration(d)) == d);
        require(parse_duration(format_short_duration(d)) == d);
    } catch (const parse_error& e) {
        require(e.offset() <= size && !e.expected().empty());
    }
    if (size == sizeof(std::int64_t)) {
        std::int64_t count = 0;
        std::memcpy(&count, data, size);
        for (const std::string& written :
             {format_duration(duration(count)), format_short_duration(duration(count))}) {
            if (count >= 0) require(parse_duration(written) == duration(count));
        }
    }
    return 0;
}
