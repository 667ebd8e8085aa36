// Any text is a schedule or a parse_error; a schedule reads back from its text, and its instants go
// on in one direction.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cicada/schedule/schedule.hpp>
#include <schedule/search.hpp>

namespace {

using namespace cicada;

void require(bool holds) {
    if (!holds) std::abort();
}

void walk(const schedule& s, wall_time start) {
    std::optional<wall_time> t = start;
    for (int i = 0; i < 3 && t; ++i) {
        const std::optional<wall_time> next = s.next(*t);
        const std::optional<candidate> seen = s.next_candidate(*t);
        const search_result found = s.find_next(*t);
        require(found.instant == next);
        require(!found.horizon || (*found.horizon > *t && !found.instant));
        if (next) {
            require(*next > *t);
            require(s.matches(*next));
        }
        if (seen) {
            require(seen->instant > *t);
            require(seen->is_excluded || s.matches(seen->instant));
        }
        t = next;
    }
    t = start;
    for (int i = 0; i < 3 && t; ++i) {
        const std::optional<wall_time> previous = s.previous(*t);
        if (previous) {
            require(*previous < *t);
            require(s.matches(*previous));
        }
        t = previous;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const schedule s = schedule::parse(text);
        require(schedule::parse(s.text()).text() == s.text());
        for (const duration start :
             {duration::min(), duration(-1), duration(1'774'750'000'000'000'000),
              duration(4'000'000'000'000'000'000), duration::max()}) {
            const detail::search bounded(300);
            walk(s, wall_time(start));
        }
    } catch (const parse_error& e) {
        require(e.offset() <= size);
        require(!e.expected().empty());
    }
    return 0;
}
