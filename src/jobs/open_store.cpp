#include <chrono>

#include <cicada/jobs/job_store.hpp>
#include <cicada/loop/blocking.hpp>
#include <jobs/access.hpp>
#include <jobs/direct_link.hpp>
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

std::shared_ptr<store> make_store(const store_url& url, wall_time (*clock)()) {
    if (url.which == store_url::kind::memory)
        return std::make_shared<memory_store>(memory_options{.now = clock});
    return std::make_shared<sqlite_store>(sqlite_options{
        .path = url.file, .durability = url.durability, .network = url.network, .now = clock});
}

task<job_store> open(store_url url) {
    const bool is_simulated = loop::current().turned_by().is_simulated();
    const auto clock = is_simulated ? simulated_time : real_time;
    auto make = blocking([url, clock] { return make_store(url, clock); }); // it may read it all
    std::shared_ptr<store> made = co_await make();
    std::unique_ptr<store_link> link;
    if (is_simulated) {
        link = std::make_unique<direct_link>(*made, clock);
    } else {
        link = std::make_unique<thread_link>(*made, clock);
    }
    co_return job_store(std::make_shared<store_access>(std::move(made), std::move(link)));
}

} // namespace

} // namespace detail

task<job_store> open_store(std::string url) { return detail::open(detail::parse_store_url(url)); }

void restore_store(const std::string& backup, const std::string& url) {
    const detail::store_url to = detail::parse_store_url(url);
    if (to.which == detail::store_url::kind::memory) {
        throw store_error(store_fault::bad_url, url, "cannot be restored",
                          "only a store that is a file can be");
    }
    detail::restore(backup, to.file);
}

} // namespace cicada
