#include <cicada/schedule/zone.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include <schedule/nearest.hpp>
#include <schedule/posix_tz.hpp>
#include <schedule/tz_database.hpp>
#include <schedule/tz_edition.hpp>
#include <schedule/tzif.hpp>
#include <schedule/zone_rules.hpp>

namespace cicada {

namespace detail {

struct zone_entry {
    std::string_view name;
    std::atomic<const zone_rules*> rules; // that hold
    const zone_rules* own = nullptr; // by the database of the process: those, but for an edition
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
    static const zone_entry& entry = *new zone_entry{"UTC", &rules, &rules};
    return entry;
}

zone_rules load(std::string_view name, const std::filesystem::path& directory) {
    // As in detail::local_zone_name: without one of these it may be a misspelt name.
    const bool is_posix = name.starts_with('<') || name.find(',') != std::string_view::npos;
    const std::string bytes =
        is_posix ? std::string(name) : detail::read_zone_file(name, directory);
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

} // namespace

namespace detail {

/// All zones in use but UTC, and every table that ever was: zone values point to the ones,
/// abbreviations into the others.
class zone_registry {
public:
    static zone_registry& instance() {
        static zone_registry& all = *new zone_registry;
        return all;
    }

    const zone_entry& entry(std::string_view name) {
        const std::lock_guard lock(mutex_);
        auto found = entries_.find(name);
        if (found == entries_.end()) {
            const zone_rules& rules = tables_.emplace_back(load(name, tz_directory()));
            found = entries_.try_emplace(std::string(name)).first;
            found->second.name = found->first;
            found->second.own = &rules;
            found->second.rules.store(&rules, std::memory_order_release);
            if (edition_) put_in_force(*edition_);
        }
        return found->second;
    }

    bool reload() {
        const std::lock_guard lock(mutex_);
        if (edition_) return false; // it does not change
        set_tz_mark(std::nullopt);
        bool has_changed = false;
        for (auto& [name, entry] : entries_) {
            try {
                zone_rules fresh = load(name, tz_directory());
                if (fresh == *entry.own) continue;
                entry.own = &tables_.emplace_back(std::move(fresh));
                entry.rules.store(entry.own, std::memory_order_release);
                has_changed = true;
            } catch (const unknown_zone&) {
                continue; // an update in progress, or a database that is gone: the old rules hold
            }
        }
        return has_changed;
    }

    /// In place of the one that was; null: the database of the process.
    tz_edition* put_in_force(tz_edition* one) {
        const std::lock_guard lock(mutex_);
        tz_edition* const was = std::exchange(edition_, one);
        if (was) {
            for (const auto& [of, rules] : was->others_)
                of->rules.store(of->own, std::memory_order_release);
        }
        if (one) put_in_force(*one);
        return was;
    }

private:
    void put_in_force(tz_edition& one) {
        if (one.known_.size() != entries_.size()) read_unknown(one);
        for (const auto& [of, rules] : one.others_)
            of->rules.store(rules, std::memory_order_release);
    }

    /// The same for all editions that say the same: there may be many, and a table stays.
    const zone_rules& keep(zone_rules rules) {
        const auto there = std::find(tables_.begin(), tables_.end(), rules);
        return there == tables_.end() ? tables_.emplace_back(std::move(rules)) : *there;
    }

    void read_unknown(tz_edition& of) {
        for (auto& [name, entry] : entries_) {
            if (!of.known_.insert(&entry).second) continue;
            try {
                of.others_.push_back({&entry, &keep(load(name, of.directory_))});
            } catch (const unknown_zone&) { // it is as in the process
            }
        }
    }

    std::mutex mutex_;
    std::map<std::string, zone_entry, std::less<>> entries_;
    std::deque<zone_rules> tables_;
    tz_edition* edition_ = nullptr; // that is in force
};

// ---- editions ----------------------------------------------------------------------------------

tz_edition::tz_edition(std::filesystem::path directory)
    : directory_(std::move(directory)), mark_(read_tz_mark(directory_)) {}

tz_edition::in_force::in_force(std::shared_ptr<tz_edition> one) : one_(std::move(one)) {
    if (!one_) return;
    was_ = zone_registry::instance().put_in_force(one_.get());
    mark_was_ = set_tz_mark(one_->mark_);
}

tz_edition::in_force::~in_force() {
    if (!one_) return;
    zone_registry::instance().put_in_force(was_);
    set_tz_mark(std::move(mark_was_));
}

} // namespace detail

unknown_zone::unknown_zone(std::string name, std::string reason,
                           std::vector<std::string> suggestions)
    : std::invalid_argument("cicada: " + detail::with_names(reason, suggestions)),
      name_(std::move(name)), reason_(std::move(reason)), suggestions_(std::move(suggestions)) {}

zone::zone() noexcept : entry_(&utc()) {}

zone::zone(std::string_view name)
    : entry_(is_utc(name) ? &utc() : &detail::zone_registry::instance().entry(name)) {}

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

bool reload_tz() { return detail::zone_registry::instance().reload(); }

} // namespace cicada
