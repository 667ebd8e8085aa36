// The same histories, by jobs on PostgreSQL.

#include <gtest/gtest.h>

#include <model/jobs/compare.hpp>
#include <support/postgres_database.hpp>

namespace {

using namespace jobs_model;

TEST(same_histories, are_decided_alike_by_periodics_and_jobs_on_postgres) {
    support::postgres_database database(support::postgres_database::is::migrated);
    const auto on_postgres = [&](const history& one, const accounts& known) {
        database.clear();
        return as_jobs(one, database.url(), worker_then::sleeps, known);
    };
    compare(on_postgres, compared::all, 50);
}

} // namespace
