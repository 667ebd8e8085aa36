#include <schedule/zone_rules.hpp>

#include <limits>

namespace cicada::detail {

timeline::type_index timeline::add_type(const local_type& type) {
    const auto known = std::find(types_.begin(), types_.end(), type);
    const auto index = static_cast<type_index>(known - types_.begin());
    if (known == types_.end()) types_.push_back(type);
    return index;
}

void timeline::append(std::int64_t at, type_index type) {
    while (!changes_.empty() && changes_.back().at >= at) changes_.pop_back();
    const type_index current = changes_.empty() ? type_index{0} : changes_.back().type;
    if (type != current) changes_.push_back({at, type});
}

zone_rules::zone_rules(const timeline& line)
    : starts_{wall_time::min()}, type_of_{0}, types_(line.types()) {
    // Rounded towards zero, so that as nanoseconds both still fit.
    using std::chrono::seconds;
    constexpr auto first = std::chrono::duration_cast<seconds>(duration::min()).count();
    constexpr auto last = std::chrono::duration_cast<seconds>(duration::max()).count();
    starts_.reserve(line.changes().size() + 2);
    type_of_.reserve(line.changes().size() + 1);
    for (const timeline::change& c : line.changes()) {
        if (c.at > last) break;
        if (c.at < first) {
            type_of_.front() = c.type;
        } else {
            starts_.emplace_back(seconds(c.at));
            type_of_.push_back(c.type);
        }
    }
    starts_.push_back(wall_time::max());

    std::size_t i = 0;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const auto begin = static_cast<std::int64_t>((std::uint64_t{cell} << cell_bits) ^
                                                     (std::uint64_t{1} << 63));
        while (i + 1 < type_of_.size() && starts_[i + 1] <= wall_time(duration(begin))) ++i;
        cells_[cell] = static_cast<std::uint16_t>(i);
    }
    cells_[cells] = static_cast<std::uint16_t>(type_of_.size() - 1);

    least_offset_ = greatest_offset_ = types_[type_of_.front()].offset;
    for (const timeline::type_index type : type_of_) {
        least_offset_ = std::min<duration>(least_offset_, types_[type].offset);
        greatest_offset_ = std::max<duration>(greatest_offset_, types_[type].offset);
    }
}

std::optional<wall_time> zone_rules::to_instant(local_time local, gap in_gap) const noexcept {
    const wall_time as_utc(local.time_since_epoch());
    const std::size_t last = type_of_.size() - 1;
    // Before this stretch every local time is earlier than `local`.
    std::size_t i = index(later(as_utc, -greatest_offset_));
    wall_time shown_at;
    for (;; ++i) {
        shown_at = later(as_utc, -types_[type_of_[i]].offset);
        if (shown_at >= starts_[i + 1] && i < last) continue;
        if (shown_at >= starts_[i]) break;
        if (in_gap == gap::run) {
            shown_at = starts_[i];
            break;
        }
        // Leapt over; but clocks that are set back soon afterwards may show it yet.
        if (i == last || starts_[i + 1] > later(as_utc, -least_offset_)) return std::nullopt;
    }
    return shown_at;
}

bool operator==(const zone_rules& a, const zone_rules& b) noexcept {
    if (a.starts_ != b.starts_) return false;
    for (std::size_t i = 0; i < a.type_of_.size(); ++i) {
        if (a.types_[a.type_of_[i]] != b.types_[b.type_of_[i]]) return false;
    }
    return true;
}

} // namespace cicada::detail
