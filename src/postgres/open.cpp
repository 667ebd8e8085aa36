#include <jobs/direct_link.hpp>
#include <jobs/postgres_door.hpp>
#include <postgres/link.hpp>

using namespace cicada;
using namespace cicada::detail;

namespace {

/// A renewal that is not answered is tried again, long before the lease is over.
constexpr duration longest_renewal = std::chrono::seconds(4);

} // namespace

void cicada_open_postgres(const store_url& url, wall_time (*clock)(), opened_store& to) {
    pg_options options{.url = url.postgres,
                       .migrations = url.migrates ? pg_migrations::made : pg_migrations::checked};
    if (clock) options.now = clock;
    auto made = std::make_shared<pg_store>(options);
    if (clock) {
        to.link = std::make_unique<direct_link>(*made, clock);
    } else {
        options.longest_answer = longest_renewal;
        options.migrations = pg_migrations::checked;
        options.looks_beside = true;
        auto beside = std::make_unique<pg_store>(std::move(options));
        to.link = std::make_unique<pg_link>(made, std::move(beside));
    }
    to.where = std::move(made);
}
