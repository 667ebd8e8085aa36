#pragma once

/// store_server: the machine that a simulated cluster's store is on, with its clock, and its fall.

#include <memory>

#include <jobs/cluster/clockwork.hpp>
#include <jobs/link.hpp>
#include <store/memory/store.hpp>

namespace cicada::detail {

class store_server {
public:
    /// As many transactions as a failover can lose.
    static constexpr std::size_t most_lost = 64;

    store_server(const clockwork& when, memory_options rows);

    const std::shared_ptr<store>& where() const noexcept { return store_; }
    wall_time now() const noexcept { return later(clock_began_at_, when_.now() - began_at_); }
    void step_clock(duration by) noexcept { clock_began_at_ = later(clock_began_at_, by); }

    bool is_down() const noexcept { return when_.now() < down_until_; }
    void take_down(duration time) noexcept;
    /// Which server it is: another one after each failover.
    std::uint64_t number() const noexcept { return number_; }
    void fail_over(std::size_t commits_lost, duration clock_ahead);

private:
    memory_options of_server(memory_options rows);

    const clockwork& when_;
    const elapsed_time began_at_; // by the simulation
    wall_time clock_began_at_; // what the server's clock would have shown then
    elapsed_time down_until_ = elapsed_time::min();
    std::uint64_t number_ = 1;
    const std::shared_ptr<memory_store> rows_;
    const std::shared_ptr<store> store_;
};

} // namespace cicada::detail
