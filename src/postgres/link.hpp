#pragma once

/// pg_link: to a PostgreSQL store, by threads: one that writes, one that reads, and one that renews
/// leases, which waits behind nothing else (D7). Each has a connection of its own.

#include <jobs/thread_link.hpp>
#include <store/postgres/store.hpp>

namespace cicada::detail {

class pg_link final : public store_link {
public:
    /// `renewals` is the same store, by connections of its own.
    pg_link(std::shared_ptr<pg_store> work, std::unique_ptr<pg_store> renewals)
        : work_(std::move(work)), renewals_(std::move(renewals)),
          to_work_(*work_, [of = work_.get()] { return of->now(); }),
          to_renewals_(*renewals_, [of = renewals_.get()] { return of->now(); }) {}

    void carry(std::shared_ptr<errand> what) override { to_work_.carry(std::move(what)); }
    void carry_renewal(std::shared_ptr<errand> what) override {
        to_renewals_.carry(std::move(what));
    }
    void carry_reading(std::shared_ptr<question> what) override {
        to_work_.carry_reading(std::move(what));
    }
    wall_time now() override { return to_work_.now(); }
    std::uint64_t server() const noexcept override { return work_->server(); }

private:
    const std::shared_ptr<pg_store> work_;
    const std::unique_ptr<pg_store> renewals_;
    thread_link to_work_; // these go first: they carry out what waits
    thread_link to_renewals_;
};

} // namespace cicada::detail
