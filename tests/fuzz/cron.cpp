// What holds for any pattern that parses, in both dialects: its canonical text parses back, next is
// later, previous earlier, the one undoes the other, and every search ends. The first bytes choose
// the instant and the zone, the rest is the pattern.

#include <cicada/schedule/cron.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using cicada::cron;
using cicada::wall_time;

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check_instants(const cron& c, wall_time t) {
    wall_time after = t;
    for (int i = 0; i < 4; ++i) {
        const auto next = c.next(after);
        if (!next) break;
        require(*next > after && c.matches(*next));
        const auto back = c.previous(*next);
        require(!back || (*back <= after && c.next(*back) == *next));
        require(c.previous(*next + cicada::duration(1)) == *next);
        after = *next;
    }
    wall_time before = t;
    for (int i = 0; i < 4; ++i) {
        const auto previous = c.previous(before);
        if (!previous) break;
        require(*previous < before && c.matches(*previous));
        const auto on = c.next(*previous);
        require(!on || *on >= before);
        before = *previous;
    }
}

void check_pattern(std::string_view pattern, cicada::zone where, cicada::gap in_gap,
                   cicada::dialect language, wall_time t) {
    try {
        const cron c(pattern, where, {.gap = in_gap, .dialect = language, .name = "fuzz"});
        const std::string text = c.pattern();
        const cron again(text, where, {.gap = in_gap, .dialect = c.written_in()});
        require(again == c && again.pattern() == text);
        check_instants(c, t);
    } catch (const cicada::parse_error& e) {
        require(e.offset() <= pattern.size() && !e.expected().empty());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const cicada::zone zones[] = {cicada::zone(), cicada::zone("Europe/Berlin"),
                                         cicada::zone("Australia/Lord_Howe"),
                                         cicada::zone("Pacific/Apia")};
    std::int64_t ns = 0;
    if (size < 1 + sizeof ns) return 0;
    std::memcpy(&ns, data + 1, sizeof ns);
    // A copy of its own, so that a read beyond the end is seen.
    const std::string pattern(reinterpret_cast<const char*>(data) + 1 + sizeof ns,
                              size - 1 - sizeof ns);
    const auto in_gap = (data[0] & 4) != 0 ? cicada::gap::skip : cicada::gap::run;
    for (const auto language : {cicada::dialect::ocps, cicada::dialect::quartz}) {
        check_pattern(pattern, zones[data[0] & 3], in_gap, language,
                      wall_time(cicada::duration(ns)));
    }
    return 0;
}
