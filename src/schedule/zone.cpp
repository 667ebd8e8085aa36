#include <cicada/schedule/zone.hpp>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include <schedule/nearest.hpp>
#include <schedule/posix_tz.hpp>
#include <schedule/tz_database.hpp>
#include <schedule/tzif.hpp>
#include <schedule/zone_rules.hpp>

namespace cicada {

namespace detail {

struct zone_entry {
    std::string_view name;
    std::atomic<const zone_rules*> rules;
};

} // namespace detail

namespace {

using detail::zone_entry;
using detail::zone_rules;

/// They need no database, and are all the same zone.
bool is_utc(std::string_view name) {
    if (name.starts_with("Etc/")) name.remove_prefix(4);
    return name == "UTC" || name == "UCT" || name == "Universal" || name == "Zulu";
}

const zone_entry& utc() {
    // Never destroyed, as all of this: other statics may use zones in their destructors.
    static const zone_rules& rules =
        *new zone_rules(detail::timeline({std::chrono::seconds(0), false, "UTC"}));
    static const zone_entry& entry = *new zone_entry{"UTC", &rules};
    return entry;
}

zone_rules load(std::string_view name) {
    // As in detail::local_zone_name: without one of these it may be a misspelt name.
    const bool is_posix = name.starts_with('<') || name.find(',') != std::string_view::npos;
    const std::string bytes = is_posix ? std::string(name) : detail::read_zone_file(name);
    try {
        if (!is_posix) return detail::parse_tzif(bytes);
        const detail::posix_tz rules = detail::parse_posix_tz(name);
        detail::timeline line(rules.standard);
        detail::append_changes(line, rules, std::numeric_limits<std::int64_t>::min());
        return zone_rules(line);
    } catch (const std::invalid_argument& wrong) {
        throw unknown_zone(std::string(name),
                           "time zone \"" + std::string(name) + "\": " + wrong.what());
    }
}

/// All zones in use but UTC, and every table that ever was: zone values point to the ones,
/// abbreviations into the others.
class registry {
public:
    static registry& instance() {
        static registry& all = *new registry;
        return all;
    }

    const zone_entry& entry(std::string_view name) {
        const std::lock_guard lock(mutex_);
        auto found = entries_.find(name);
        if (found == entries_.end()) {
            const zone_rules& rules = tables_.emplace_back(load(name));
            found = entries_.try_emplace(std::string(name)).first;
            found->second.name = found->first;
            found->second.rules.store(&rules, std::memory_order_release);
        }
        return found->second;
    }

    bool reload() {
        const std::lock_guard lock(mutex_);
        bool has_changed = false;
        for (auto& [name, entry] : entries_) {
            try {
                zone_rules fresh = load(name);
                if (fresh == *entry.rules.load(std::memory_order_relaxed)) continue;
                entry.rules.store(&tables_.emplace_back(std::move(fresh)),
                                  std::memory_order_release);
                has_changed = true;
            } catch (const unknown_zone&) {
                continue; // an update in progress, or a database that is gone: the old rules hold
            }
        }
        return has_changed;
    }

private:
    std::mutex mutex_;
    std::map<std::string, zone_entry, std::less<>> entries_;
    std::deque<zone_rules> tables_;
};

} // namespace

unknown_zone::unknown_zone(std::string name, std::string reason,
                           std::vector<std::string> suggestions)
    : std::invalid_argument("cicada: " + detail::with_names(reason, suggestions)),
      name_(std::move(name)), reason_(std::move(reason)), suggestions_(std::move(suggestions)) {}

zone::zone() noexcept : entry_(&utc()) {}

zone::zone(std::string_view name)
    : entry_(is_utc(name) ? &utc() : &registry::instance().entry(name)) {}

zone zone::local() { return zone(detail::local_zone_name(std::getenv("TZ"), "/etc")); }

std::vector<std::string> zone::names() { return detail::read_zone_names(); }

std::string_view zone::name() const noexcept { return entry_->name; }

zone::stretch zone::at(wall_time instant) const noexcept {
    return entry_->rules.load(std::memory_order_acquire)->at(instant);
}

std::optional<wall_time> zone::to_instant(local_time local, gap in_gap) const noexcept {
    return entry_->rules.load(std::memory_order_acquire)->to_instant(local, in_gap);
}

std::string tz_version() { return detail::read_tz_version(); }

bool reload_tz() {
    detail::forget_tz_mark();
    return registry::instance().reload();
}

} // namespace cicada
