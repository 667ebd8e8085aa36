#pragma once

/// The runs of a SQLite store.

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <store/queues.hpp>
#include <store/rows.hpp>
#include <store/sqlite/counters.hpp>
#include <store/sqlite/database.hpp>

namespace cicada::detail {

class sqlite_runs {
public:
    explicit sqlite_runs(sqlite_database& in);

    std::vector<run_row> find(const run_query& which);
    std::vector<run_row> open_of(job_id of); // by number
    std::optional<wall_time> next_ready(const claim& by);

    /// The run that is the same instant, or has the same key; no_run: there is none.
    run_id same_as(const run_row& row);
    void insert(const run_row& row);
    /// False: it is not what it was.
    bool change(const run_change& what, wall_time now, sqlite_counters& numbers);
    /// By a node that is live, of this name.
    std::vector<run_row> claim_ready(const claim& by, const std::string& name, wall_time now,
                                     sqlite_counters& numbers);

private:
    struct ready_run {
        wall_time run_at;
        run_id id;
        std::ptrdiff_t queue; // its place
        friend auto operator<=>(const ready_run&, const ready_run&) = default;
    };
    std::vector<ready_run> first_ready(const std::vector<queue>& of, wall_time until,
                                       std::size_t most);
    std::vector<run_row> ready_rows(const claim& by, wall_time until);
    sqlite_statement& question(const std::string& text);
    void ask(const std::string& from_where, const std::vector<sqlite_value>& values,
             std::vector<run_row>& to);

    sqlite_database& in_;
    sqlite_statement insert_, of_instant_, of_key_, of_key_of_kind_, change_, release_, claim_,
        ready_, open_of_, ready_rows_;
    std::map<std::string, sqlite_statement> questions_; // by what they ask
};

} // namespace cicada::detail
