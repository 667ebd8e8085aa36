// The progress of a course: any text is refused with an offset within it, or is a progress that
// survives being written and read.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cicada/base/rfc3339.hpp>
#include <schedule/progress_text.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cicada::detail;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const progress p = parse_progress(text);
        if (!p.runs.empty() || !(parse_progress(to_text(p)) == p)) std::abort();
    } catch (const cicada::parse_error& e) {
        if (e.offset() > size || e.expected().empty()) std::abort();
    }
    return 0;
}
