#pragma once

/// tz_edition: a tz database beside that of the process, as another machine may have it. Of a
/// simulated cluster each machine can have its own.
///
///     const auto newer = std::make_shared<tz_edition>("/tmp/tz-2026b");
///     {
///         const tz_edition::in_force here(newer);
///         berlin.at(instant);     // by its rules
///         tz_mark();              // "2026b"
///     }
///
/// Threads:  one. While it is in force it is so for zones in the whole process, so that no other
///           thread should look at one.
/// Lifetime: as for reload_tz(), rules that were read are kept.

#include <memory>
#include <set>
#include <vector>

#include <schedule/tz_database.hpp>
#include <schedule/zone_rules.hpp>

namespace cicada::detail {

struct zone_entry;

class CICADA_API tz_edition {
public:
    /// That in this directory. Zones that it lacks are as in the database of the process.
    explicit tz_edition(std::filesystem::path directory);
    tz_edition(const tz_edition&) = delete;
    tz_edition& operator=(const tz_edition&) = delete;

    /// As tz_mark() gives it.
    const std::string& mark() const noexcept { return mark_; }

    /// For as long as this lives; within another, in place of that. Null: nothing.
    class CICADA_API in_force {
    public:
        explicit in_force(std::shared_ptr<tz_edition> one);
        in_force(const in_force&) = delete;
        in_force& operator=(const in_force&) = delete;
        ~in_force();

    private:
        const std::shared_ptr<tz_edition> one_;
        tz_edition* was_ = nullptr;
        std::optional<std::string> mark_was_;
    };

private:
    friend class zone_registry;
    struct another {
        zone_entry* of;
        const zone_rules* rules;
    };

    const std::filesystem::path directory_;
    const std::string mark_;
    std::set<const zone_entry*> known_;
    std::vector<another> others_; // of these: that the directory has
};

} // namespace cicada::detail
