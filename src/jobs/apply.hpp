#pragma once

/// apply: what has to change until the jobs of an owner are these, decided without a store; and
/// then all of it in one transaction.

#include <cicada/jobs/job_store.hpp>
#include <jobs/access.hpp>
#include <jobs/definition.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

struct wanted_jobs {
    std::string owner;
    std::vector<job> jobs; // by name
};

/// Throws std::invalid_argument, for two of one name as well.
wanted_jobs check_wanted(std::string owner, std::vector<job> jobs);

/// A plan, and what carries it out.
struct planned {
    apply_plan plan;
    std::vector<new_job> creates;
    std::vector<step> steps;
};

/// `there`: the jobs of this owner, and whatever else has one of the names. Throws
/// std::invalid_argument for one that belongs to another owner.
planned plan_apply(const wanted_jobs& wanted, const std::vector<job_row>& there, wall_time now);

task<apply_plan> apply_jobs(std::shared_ptr<store_access> access, wanted_jobs wanted,
                            apply_options options);

} // namespace cicada::detail
