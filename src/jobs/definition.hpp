#pragma once

/// A job as it is stored: its definition, as JSON that people can read, and back.
///
///     {"when": "cron(\"0 7 * * 1\", \"Europe/Berlin\")", "kind": "send_report",
///      "arguments": "{\"to\": \"team@example.org\"}", "retry": {"max": 3}}
///
/// What has its default is left out, so that a version with more options reads what an older one
/// wrote, and equal jobs have equal texts.

#include <optional>
#include <string>
#include <string_view>

#include <cicada/jobs/job.hpp>
#include <schedule/course.hpp>

namespace cicada::detail {

/// A job, and what the store adds.
struct stored_job {
    cicada::job of;
    /// An interval of a fixed rate: its grid. A calendar that begins at an instant: that.
    std::optional<wall_time> anchor = std::nullopt;
};

/// Throws std::invalid_argument, which names the job and the field: a name that is empty or too
/// long, arguments that are no JSON, `.retry.when`, a schedule without instants, ...
void check(const cicada::job& one);
void check(const cicada::job& one, const std::string& where);
/// The same of arguments alone. `where`: "job \"weekly\"", for the message.
void check_arguments(std::string_view json, const std::string& where);

std::string to_json(const stored_job& one);
/// `name` and `place` are for messages. Throws store_error.
stored_job parse_job(std::string_view json, std::string name, const std::string& place);

/// The policies alone, of a run of no job: run_row::policy. Empty: the defaults.
std::string policies_to_json(const cicada::job& of);
cicada::job parse_policies(std::string_view text, std::string name, const std::string& place);

policies policies_of(const cicada::job& one);
/// What its course decides by. Its identity is the hash of its name.
rules rules_of(const stored_job& one);

} // namespace cicada::detail
