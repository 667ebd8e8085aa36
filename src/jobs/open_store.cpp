#include <chrono>

#include <cicada/jobs/job_store.hpp>
#include <cicada/loop/blocking.hpp>
#include <jobs/access.hpp>
#include <jobs/direct_link.hpp>
#include <jobs/postgres_door.hpp>
#include <jobs/store_url.hpp>
#include <jobs/thread_link.hpp>
#include <store/memory/store.hpp>
#include <store/sqlite/backup.hpp>
#include <store/sqlite/store.hpp>

namespace cicada {

namespace detail {

namespace {

/// Its loop may go before the store does, and another come: so that of who asks, in whose turn the
/// store works.
wall_time simulated_time() { return loop::current().wall_now(); }

wall_time real_time() {
    return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
}

opened_store make_embedded(const store_url& url, bool is_simulated) {
    const auto clock = is_simulated ? simulated_time : real_time;
    opened_store made;
    if (url.which == store_url::kind::memory) {
        made.where = std::make_shared<memory_store>(memory_options{.now = clock});
    } else {
        made.where = std::make_shared<sqlite_store>(sqlite_options{
            .path = url.file, .durability = url.durability, .network = url.network, .now = clock});
    }
    if (is_simulated) {
        made.link = std::make_unique<direct_link>(*made.where, clock);
    } else {
        made.link = std::make_unique<thread_link>(*made.where, clock);
    }
    return made;
}

opened_store make(const store_url& url, bool is_simulated) {
    if (url.which != store_url::kind::postgres) return make_embedded(url, is_simulated);
    if (!cicada_open_postgres) {
        // It may hold a password.
        throw store_error(store_fault::bad_url, "postgresql:", "is not known to this program",
                          "link it with cicada::postgres, of find_package(cicada COMPONENTS jobs "
                          "postgres)");
    }
    opened_store made;
    cicada_open_postgres(url, is_simulated ? simulated_time : nullptr, made);
    return made;
}

task<job_store> open(store_url url) {
    const bool is_simulated = loop::current().turned_by().is_simulated();
    auto blocks = blocking([url, is_simulated] { // it may read it all
        return std::make_shared<opened_store>(make(url, is_simulated));
    });
    const std::shared_ptr<opened_store> made = co_await blocks();
    co_return job_store(
        std::make_shared<store_access>(std::move(made->where), std::move(made->link)));
}

} // namespace

} // namespace detail

task<job_store> open_store(std::string url) { return detail::open(detail::parse_store_url(url)); }

void restore_store(const std::string& backup, const std::string& url) {
    const detail::store_url to = detail::parse_store_url(url);
    if (to.which != detail::store_url::kind::sqlite) {
        throw store_error(store_fault::bad_url, url, "cannot be restored",
                          "only a store that is a file can be");
    }
    detail::restore(backup, to.file);
}

} // namespace cicada
