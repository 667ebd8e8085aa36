#pragma once

/// All of durable jobs: a job is what `every` is given, under a name, in a store. Target
/// cicada::jobs; see docs/jobs.md.

#include <cicada/cicada.hpp>
#include <cicada/jobs/job.hpp>
#include <cicada/jobs/job_run.hpp>
#include <cicada/jobs/job_store.hpp>
#include <cicada/jobs/worker.hpp>
