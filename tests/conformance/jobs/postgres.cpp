#include <conformance/jobs/any_jobs.hpp>

#include <support/postgres_database.hpp>

namespace conformance_of_jobs {

namespace {

class in_postgres final : public kept {
    std::string url() const override { return database_.url(); }

    support::postgres_database database_{support::postgres_database::is::migrated};
};

std::unique_ptr<kept> make() { return std::make_unique<in_postgres>(); }

const bool is_added = add_kind_of_kept({"postgres", make});

} // namespace

} // namespace conformance_of_jobs
