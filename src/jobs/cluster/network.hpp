#pragma once

/// network: between the machines of a simulated cluster and their store. What becomes of an errand
/// on its way there and back is decided here, by a seed:
///
///     sent --> lost              cut off, or by chance
///          --> refused           the store is down, or on another server since: unreachable
///          --> done --> lost     the answer
///                   --> answered
///
/// Who has no answer within `patience` is told unknown_outcome, or, if nothing was to be written,
/// unreachable; what is held back may be done even after that.

#include <cicada/jobs/cluster.hpp>
#include <jobs/cluster/clockwork.hpp>
#include <jobs/cluster/seeded.hpp>
#include <jobs/cluster/server.hpp>
#include <jobs/link.hpp>
#include <schedule/tz_edition.hpp>

namespace cicada::detail {

/// Its end at one process of a machine.
struct connection {
    connection(driver& machine, std::uint64_t to) noexcept : clock(machine), server(to) {}

    driver& clock;
    elapsed_time cut_until = elapsed_time::min(); // by the simulation's clock
    elapsed_time held_until = elapsed_time::min(); // the same
    bool is_gone = false; // the process: nothing that it sends from here on gets through
    std::uint64_t server; // that it is connected to
    bool is_broken = false; // a message was lost, and none has got through since
    std::shared_ptr<tz_edition> zones; // by which it asks, and writes; null: those of this process

    /// An answer has come. Between `sent_at` and now, by the machine's elapsed clock, it was
    /// `store_at` at the store.
    void hear(elapsed_time sent_at, wall_time store_at) noexcept;
    /// At most the store's time. Before the first answer: long ago.
    wall_time store_now() const noexcept;

private:
    std::optional<duration> offset_; // of the store's clock against elapsed time, at least
    elapsed_time offset_of_{}; // when it was found
};

/// An errand, or a question.
struct cargo {
    std::shared_ptr<errand> writes;
    std::shared_ptr<question> asks;

    void carry_out(store& at) const;
    void fail(const store_error& why) const noexcept;
    void answer() const noexcept { writes ? writes->over() : asks->over(); }
};

class network {
public:
    network(clockwork& when, store_server& to, const cluster_options& how) noexcept
        : when_(when), to_(to), how_(how), random_(how.seed) {}

    void carry(cargo what, std::shared_ptr<connection> by);
    void set_lost(std::uint32_t in_a_million) noexcept { how_.lost_in_a_million = in_a_million; }
    const cluster_counts& counts() const noexcept { return counts_; }

private:
    /// Under way, there or back.
    struct message {
        cargo what;
        std::shared_ptr<connection> by;
        elapsed_time asked_at; // by the machine's clock
        std::uint64_t server; // that it goes to
        bool is_over = false; // who asked was told how it ended
        clockwork::entry given_up = {}; // to come, until it is over
    };
    using shared_message = std::shared_ptr<message>;
    bool is_cut(const connection& by) const noexcept;
    bool is_lost(const connection& by) noexcept;
    elapsed_time arrival(const connection& by) noexcept;
    void arrive(const shared_message& one);
    void refuse(const shared_message& one);
    void answer(const shared_message& one, wall_time store_at);
    void give_up(const shared_message& one, bool is_known_undone);
    void fail(const message& one, store_fault fault, std::string_view what);

    clockwork& when_;
    store_server& to_;
    cluster_options how_;
    seeded random_;
    cluster_counts counts_;
};

/// The way of one process through the network. The network outlives it.
class network_link final : public store_link {
public:
    network_link(network& through, std::shared_ptr<connection> by) noexcept
        : through_(through), by_(std::move(by)) {}

    void carry(std::shared_ptr<errand> what) override;
    void carry_reading(std::shared_ptr<question> what) override;
    wall_time now() override { return by_->store_now(); }
    std::uint64_t server() const noexcept override { return by_->server; }

private:
    network& through_;
    const std::shared_ptr<connection> by_;
};

} // namespace cicada::detail
