#pragma once

/// zone_rules: what a zone's file says, as a table in which a lookup is one load and a search among
/// a few.
///
///     timeline (seconds; as a file lists them)  ->  zone_rules (nanoseconds; immutable)

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cicada/schedule/zone.hpp>

namespace cicada::detail {

/// What holds in a stretch.
struct local_type {
    std::chrono::seconds offset{0};
    bool is_dst = false;
    std::string abbreviation;

    friend bool operator==(const local_type&, const local_type&) = default;
};

/// Which type holds from when on. Types that say the same are one, and what changes nothing is left
/// out.
class timeline {
public:
    using type_index = std::uint16_t;
    static constexpr std::size_t most_changes = 65'000; // so that indices take two bytes

    struct change {
        std::int64_t at; // seconds since the epoch
        type_index type;
    };

    /// `first` holds before the first change.
    explicit timeline(local_type first) { types_.push_back(std::move(first)); }

    type_index add_type(const local_type& type);
    /// From `at` on it is `type`, whatever was said of that time before.
    void append(std::int64_t at, type_index type);

    const std::vector<local_type>& types() const noexcept { return types_; }
    const std::vector<change>& changes() const noexcept { return changes_; }

private:
    std::vector<local_type> types_;
    std::vector<change> changes_;
};

/// Immutable. Stretch i holds from starts_[i] until starts_[i + 1].
///
/// All of time (2^64 ns) falls into 1024 cells of 208 days, and cells_[c] is the stretch that holds
/// when cell c begins. So a search has to look only among the few that begin within one cell.
class zone_rules {
public:
    explicit zone_rules(const timeline& line);

    zone::stretch at(wall_time instant) const noexcept {
        const std::size_t i = index(instant);
        const local_type& type = types_[type_of_[i]];
        return {starts_[i], starts_[i + 1], type.offset, type.is_dst, type.abbreviation};
    }
    std::optional<wall_time> to_instant(local_time local, gap in_gap) const noexcept;

    std::size_t stretches() const noexcept { return type_of_.size(); }
    /// Nobody could tell them apart.
    friend bool operator==(const zone_rules& a, const zone_rules& b) noexcept;

private:
    static constexpr int cell_bits = 54;
    static constexpr std::size_t cells = std::size_t{1} << (64 - cell_bits);

    std::size_t index(wall_time instant) const noexcept {
        const auto since_min = static_cast<std::uint64_t>(instant.time_since_epoch().count()) ^
                               (std::uint64_t{1} << 63);
        const std::size_t cell = since_min >> cell_bits;
        const auto first = starts_.begin() + 1 + cells_[cell];
        const auto last = starts_.begin() + 1 + cells_[cell + 1];
        return static_cast<std::size_t>(std::upper_bound(first, last, instant) - starts_.begin()) -
               1;
    }

    std::vector<wall_time> starts_; // and at the end wall_time::max()
    std::vector<timeline::type_index> type_of_;
    std::vector<local_type> types_;
    std::array<std::uint16_t, cells + 1> cells_;
    duration least_offset_;
    duration greatest_offset_;
};

} // namespace cicada::detail
