#pragma once

/// The jobs of a SQLite store, their edits, backfills and stretches, and who applied them.

#include <optional>
#include <string>
#include <vector>

#include <store/rows.hpp>
#include <store/sqlite/database.hpp>

namespace cicada::detail {

class sqlite_jobs {
public:
    explicit sqlite_jobs(sqlite_database& in);

    std::vector<job_wake> waking(wall_time until, std::size_t most);
    job_search out_of_date(job_id after, wall_time latest, std::string_view zones,
                           std::size_t most);
    std::vector<job_id> stalled(std::size_t most);
    /// Without their open runs.
    std::vector<job_row> find(const job_query& which);
    std::vector<stretch> stretches(job_id of, wall_time from, wall_time until);
    std::vector<edit_row> edits(job_id of);
    std::vector<backfill_row> backfills(job_id of);
    std::optional<std::uint64_t> applied(std::string_view owner);

    struct known {
        std::uint64_t revision;
        std::string name;
        std::optional<wall_time> wake_at;
    };
    std::optional<known> look_up(job_id id);

    std::optional<job_id> create(const new_job& one, wall_time now);
    /// What a step makes of its job, which has the revision that it names, and wakes then.
    void write(const step& one, std::optional<wall_time> wakes_at);
    bool apply(std::string_view owner, std::uint64_t revision);

private:
    bool is_taken(const std::string& name);
    void record(job_id of, const stretch& one);
    void edit(job_id of, wall_time since, const std::string& definition);

    sqlite_database& in_;
    sqlite_statement insert_, is_taken_, look_up_, write_, write_and_wake_, give_owner_,
        give_zones_, give_edit_, waking_, out_of_date_, stalled_, by_id_, by_name_, all_, of_owner_,
        edit_, edits_, backfill_, backfills_, apply_, applied_, stretch_, lengthen_, stretches_;
};

} // namespace cicada::detail
