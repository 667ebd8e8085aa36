#pragma once

/// pg_link: to a PostgreSQL store, by threads: one that writes, one that reads, one that renews
/// leases, which waits behind nothing else (D7), and one for what takes long, behind which nothing
/// else waits. Each has a connection of its own, when it has something to do.

#include <jobs/thread_link.hpp>
#include <store/postgres/store.hpp>

namespace cicada::detail {

class pg_link final : public store_link {
public:
    /// `beside` is the same store, by connections of its own.
    pg_link(std::shared_ptr<pg_store> work, std::unique_ptr<pg_store> beside)
        : work_(std::move(work)), beside_(std::move(beside)),
          to_work_(*work_, [of = work_.get()] { return of->now(); }),
          to_beside_(*beside_, [of = beside_.get()] { return of->now(); }) {}

    void carry(std::shared_ptr<errand> what) override { to_work_.carry(std::move(what)); }
    void carry_renewal(std::shared_ptr<errand> what) override { to_beside_.carry(std::move(what)); }
    void carry_reading(std::shared_ptr<question> what) override {
        to_work_.carry_reading(std::move(what));
        if (work_->has_to_look_beside())
            to_beside_.carry_reading(std::make_shared<look_beside>(*work_));
    }
    void carry_survey(std::shared_ptr<question> what) override {
        to_beside_.carry_reading(std::move(what));
    }
    wall_time now() override { return to_work_.now(); }
    std::uint64_t server() const noexcept override { return work_->server(); }

private:
    /// For what the looks of a store have passed over.
    class look_beside final : public question {
    public:
        explicit look_beside(pg_store& of) : of_(of) {}
        void ask(reading& in) override { of_.look_beside(in); }
        void over() noexcept override {
            if (error) of_.gave_up_looking();
        }

    private:
        pg_store& of_;
    };

    const std::shared_ptr<pg_store> work_;
    const std::unique_ptr<pg_store> beside_;
    thread_link to_work_; // these go first: they carry out what waits
    thread_link to_beside_;
};

} // namespace cicada::detail
