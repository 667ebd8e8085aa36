/// Bytes as a file of the tz database: any are refused or make a table that holds together.

#include <schedule/tzif.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

using namespace cicada;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// There and back, around the beginning of a stretch.
void check_round_trip(const detail::zone_rules& rules, wall_time instant) {
    const duration offset = rules.at(instant).offset;
    const local_time local(later(instant, offset).time_since_epoch());
    if (local == local_time::min() || local == local_time::max()) return; // saturated
    const auto back = rules.to_instant(local, gap::skip);
    require(back.has_value() && *back <= instant);
    require(back->time_since_epoch() + rules.at(*back).offset == local.time_since_epoch());
    const auto leap = rules.to_instant(local, gap::run);
    require(leap.has_value() && *leap <= *back);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of just that size, so that the sanitizer sees every byte read beyond it.
    const auto bytes = std::make_unique<char[]>(size);
    std::copy(data, data + size, bytes.get());
    try {
        const detail::zone_rules rules = detail::parse_tzif(std::string_view(bytes.get(), size));
        require(rules == rules);
        wall_time from = wall_time::min();
        for (std::size_t i = 0; i < rules.stretches(); ++i) {
            const zone::stretch s = rules.at(from);
            require(s.from == from && s.from < s.until);
            require(rules.at(s.until - duration(1)).from == from);
            check_round_trip(rules, from);
            check_round_trip(rules, s.until - duration(1));
            from = s.until;
        }
        require(from == wall_time::max());
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
