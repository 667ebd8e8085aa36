#pragma once

/// Time zones: from instants to local time and back, by the system's tz database.
///
///     cicada::zone berlin("Europe/Berlin");
///     auto stretch = berlin.at(instant);                  // the offset there and then, and how long it lasts
///     auto local = instant + stretch.offset;              // as the clock on the wall shows it
///     auto back = berlin.to_instant(local);               // and back; also inside a gap or an overlap
///
/// Threads:  all of it from any; lookups take no lock.
/// Lifetime: a zone is a value of one pointer. What it points to lives as long as the process.
/// Cost:     the first zone of a name reads a file of about 3 KB; a lookup is a binary search in its transitions.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/base/error.hpp>
#include <cicada/base/time.hpp>

namespace cicada {

/// There is no such zone, or its file cannot be read. Says which names are near.
class CICADA_API unknown_zone final : public std::invalid_argument {
public:
    explicit unknown_zone(const std::string& what) : invalid_argument(what) {}
};

/// Local time, as the clock on the wall of some zone shows it.
using local_time = std::chrono::local_time<duration>;

/// What becomes of a local time that a zone leaps over, when its clocks are set forward.
enum class gap : std::uint8_t {
    run, // the first instant after the gap
    skip, // none
};

namespace detail {
struct zone_entry;
}

class CICADA_API zone {
public:
    /// UTC.
    zone() noexcept;
    /// An IANA name, such as "Europe/Berlin". Throws unknown_zone.
    explicit zone(std::string_view name);
    /// The system's: of the environment variable TZ, else of /etc/localtime, else UTC.
    static zone local();
    /// All names of the database, sorted.
    static std::vector<std::string> names();

    std::string_view name() const noexcept;

    /// A stretch of time in which nothing about the local time changes.
    struct stretch {
        wall_time from; // wall_time::min(): always
        wall_time until; // exclusive; wall_time::max(): for ever
        std::chrono::seconds offset; // local time - UTC
        bool is_dst;
        std::string_view abbreviation; // lives as long as the process
    };
    /// The stretch that holds `instant`.
    stretch at(wall_time instant) const noexcept;

    /// The first instant at which the local time is, or leaps over, `local`; none only where gap::skip says so. In an
    /// overlap that is the first pass.
    std::optional<wall_time> to_instant(local_time local, gap in_gap = gap::run) const noexcept;
    local_time to_local(wall_time instant) const noexcept {
        return local_time(later(instant, at(instant).offset).time_since_epoch());
    }

    /// The same rules under the same name.
    friend bool operator==(const zone&, const zone&) = default;

private:
    explicit zone(const detail::zone_entry& entry) noexcept : entry_(&entry) {}
    const detail::zone_entry* entry_;
};

/// The release of the tz database that the system has, such as "2025b"; "unknown" if it does not say.
CICADA_API std::string tz_version();

/// Reads the files of all zones in use again, so that all zone values follow the database as it is now. True: something
/// has changed; then call loop::reconsider() on each loop with calendar schedules. A file that cannot be read keeps the
/// old rules. Any thread.
CICADA_API bool reload_tz();

} // namespace cicada
