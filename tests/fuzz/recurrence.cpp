// Any text is a recurrence or a parse_error; a recurrence reads back from its text.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cicada/schedule/recurrence.hpp>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cicada;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const recurrence r = recurrence::parse(text);
        const recurrence again = recurrence::parse(r.text());
        require(again == r);
        require(again.text() == r.text());
    } catch (const parse_error& e) {
        require(e.offset() <= size);
        require(!e.expected().empty());
    }
    return 0;
}
