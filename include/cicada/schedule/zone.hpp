#pragma once

/// Time zones: from instants to local time and back, by the system's tz database.
///
///     cicada::zone berlin("Europe/Berlin");
///     auto stretch = berlin.at(instant);      // the offset there and then, and how long it lasts
///     auto local = berlin.to_local(instant);  // as the clock on the wall shows it
///     auto back = berlin.to_instant(local);   // and back; also inside a gap or an overlap
///
/// The database is a directory of TZif files (RFC 9636): TZDIR in the environment, else
/// /usr/share/zoneinfo. What a file's last line says of the future holds until 2262, where
/// wall_time ends. UTC needs no database.
///
/// Threads:  all of it from any; lookups take no lock. As everywhere, nobody may change the
///           environment meanwhile.
/// Lifetime: a zone is a value of one pointer. What it points to lives as long as the process.
/// Cost:     the first zone of a name reads a file of about 2 KB and keeps about 8 KB; at takes
///           about 5 ns, to_instant 10.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/base/time.hpp>

namespace cicada {

/// There is no such zone, or its file makes no sense.
class CICADA_API unknown_zone final : public std::invalid_argument {
public:
    unknown_zone(std::string name, std::string reason, std::vector<std::string> suggestions = {});
    const std::string& name() const noexcept { return name_; }
    /// `there is no time zone "Europe/Berln"`
    const std::string& reason() const noexcept { return reason_; }
    /// Up to three names that may be meant, the likeliest first.
    const std::vector<std::string>& suggestions() const noexcept { return suggestions_; }

private:
    std::string name_;
    std::string reason_;
    std::vector<std::string> suggestions_;
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
    /// An IANA name, such as "Europe/Berlin"; all names of UTC, such as "Etc/UTC", are one zone.
    /// Also a POSIX string, if it has a ',' or begins with '<' and so cannot be mistaken for a
    /// name: "CET-1CEST,M3.5.0,M10.5.0/3". Throws unknown_zone.
    explicit zone(std::string_view name);
    /// The system's: of the environment variable TZ (a name, or a POSIX string with the dates of
    /// its DST), else of the link /etc/localtime, else of /etc/timezone, else UTC. Looks anew at
    /// each call. Throws unknown_zone.
    static zone local();
    /// All names of the database, sorted. Opens every file.
    static std::vector<std::string> names();

    /// zone(name()) is this zone. Lives as long as the process.
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

    /// The first instant at which the local time is, or leaps over, `local`; none only where
    /// gap::skip says so. In an overlap that is the first pass. Saturates at both ends of time, as
    /// to_local does.
    std::optional<wall_time> to_instant(local_time local, gap in_gap = gap::run) const noexcept;
    local_time to_local(wall_time instant) const noexcept {
        return local_time(later(instant, at(instant).offset).time_since_epoch());
    }

    /// The same name, and so the same rules.
    friend bool operator==(const zone&, const zone&) = default;

private:
    explicit zone(const detail::zone_entry& entry) noexcept : entry_(&entry) {}
    const detail::zone_entry* entry_;
};

/// The release of the tz database that the system has, such as "2025b"; "unknown" if it does not
/// say. Read at each call.
CICADA_API std::string tz_version();

/// Reads the files of all zones in use again, so that all zone values follow the database as it is
/// now. True: something has changed; then call loop::reconsider() on each loop with calendar
/// schedules. A file that cannot be read keeps the old rules. Old rules are kept too, for the views
/// into them: about 8 KB for each file that has changed. Any thread.
CICADA_API bool reload_tz();

} // namespace cicada
