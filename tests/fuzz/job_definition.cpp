// What a store has of a job as JSON, its definition and the notes on it: any text is refused, or is
// one that survives being written and read.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cicada/base/rfc3339.hpp>
#include <cicada/store/errors.hpp>
#include <jobs/definition.hpp>
#include <jobs/notes.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cicada::detail;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const stored_job one = parse_job(text, "poll", "memory:");
        const stored_job back = parse_job(to_json(one), "poll", "memory:");
        if (!(back.of == one.of) || back.anchor != one.anchor) std::abort();
    } catch (const cicada::store_error& e) {
        if (e.fault() != cicada::store_fault::corrupt && e.fault() != cicada::store_fault::too_new)
            std::abort();
    }
    try {
        const job_notes notes = parse_notes(text);
        if (!(parse_notes(to_text(notes)) == notes)) std::abort();
    } catch (const cicada::parse_error&) {
    }
    return 0;
}
