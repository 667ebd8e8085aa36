#pragma once

/// machine: one of a simulated cluster: its clocks, its process, which is a loop with a program on
/// it, and its way to the store.
///
///     off  --run-->  running  --crash, or the program has ended-->  off
///     running, doomed: it was crashed by its own turn, at whose end it is off

#include <memory>
#include <optional>
#include <string>

#include <cicada/jobs/cluster.hpp>
#include <jobs/access.hpp>
#include <jobs/cluster/clockwork.hpp>
#include <jobs/cluster/network.hpp>

namespace cicada::detail {

/// The two clocks of a machine, against those of the simulation.
class machine_clocks {
public:
    machine_clocks(elapsed_time simulated, wall_time store, const machine_options& how) noexcept;
    elapsed_time elapsed(elapsed_time simulated) const noexcept;
    wall_time wall(elapsed_time simulated) const noexcept;
    /// When, by the simulation, this one has come to it.
    elapsed_time simulated(elapsed_time own) const noexcept;
    void step(duration by) noexcept { wall_began_at_ = later(wall_began_at_, by); }

private:
    /// Where elapsed time begins: as in a simulation not at 0, and elsewhere than there.
    static constexpr elapsed_time begin{std::chrono::hours(48)};

    const elapsed_time began_at_; // by the simulation
    wall_time wall_began_at_;
    const std::int64_t rate_; // of them in a million of the simulation's
};

class machine final : public driver, private turning {
public:
    machine(std::string name, clockwork& when, network& through, store_server& to,
            const machine_options& how, std::uint64_t seed);
    ~machine();

    const std::string& name() const noexcept { return name_; }
    job_store store() const { return job_store(access_); }

    void run(machine_program program);
    bool is_running() const noexcept { return loop_ && !is_doomed_; }
    void stop();
    void crash() noexcept;
    void restart();
    void freeze(duration time) noexcept;
    void cut_off(duration time) noexcept;
    void hold_back(duration time) noexcept;
    void step_clock(duration by) noexcept;
    void update_zones(const std::filesystem::path& tz_directory);

    // driver:
    elapsed_time elapsed_now() noexcept override { return clocks_.elapsed(when_.now()); }
    wall_time wall_now() noexcept override { return clocks_.wall(when_.now()); }
    void wake() noexcept override;
    bool is_simulated() const noexcept override { return true; }

private:
    // turning:
    std::optional<elapsed_time> due_at() const noexcept override;
    void turn() noexcept override;
    void close() noexcept override { power_off(); }

    void connect();
    void start();
    void power_off() noexcept;

    const std::string name_;
    clockwork& when_;
    network& through_;
    store_server& to_;
    machine_clocks clocks_;
    seeded seeds_; // of processes
    elapsed_time frozen_until_ = elapsed_time::min(); // by the simulation
    elapsed_time cut_until_ = elapsed_time::min();
    elapsed_time held_until_ = elapsed_time::min();
    std::shared_ptr<tz_edition> zones_; // null: those of this process

    machine_program program_;
    std::shared_ptr<connection> connection_; // of this process, or of the next one
    std::shared_ptr<store_access> access_;
    owned<loop> loop_; // the process, while there is one
    join_handle<> main_;
    std::optional<elapsed_time> next_; // by its own clock: when the loop wants its next turn
    bool is_woken_ = false;
    bool is_in_turn_ = false;
    bool is_doomed_ = false;
    bool is_to_restart_ = false; // once it is off
};

} // namespace cicada::detail
