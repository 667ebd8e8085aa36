#pragma once

/// simulated_cluster: machines that share a store, in one thread and under virtual time. There
/// workers and handlers meet what they will meet in operation, and meet it again with the same
/// seed: messages that come late or never, machines that crash, freeze, are cut off, or whose clock
/// is wrong, or whose rules of time zones are others, a store that is away, or comes back without
/// the last that was written.
///
///     cicada::task<> serve(cicada::job_store store) {
///         cicada::worker worker(store, {.lease = 20s});
///         worker.handle("send_report", send_report);
///         co_await worker.run();
///     }
///
///     TEST(send_report, is_sent_although_the_machine_crashes) {
///         cicada::simulation sim{"2026-03-28T00:00:00Z"};
///         cicada::simulated_cluster cluster({.seed = 7, .delay = 2ms});
///         cicada::simulated_machine a = cluster.machine("a"), b = cluster.machine("b");
///         a.run(serve);
///         b.run(serve);
///         sim.advance(1h);
///         a.crash();
///         sim.advance(1min);
///         EXPECT_EQ(reports_sent, 1);
///     }
///
/// Each machine has a loop of its own, with clocks of its own; what it runs is one process there.
/// The tasks of the simulation itself stand outside: nothing happens to them.
///
/// Threads:  that of the simulation.
/// Lifetime: the simulation outlives the cluster, and the cluster its machines. When the simulation
///           is over, so is the cluster: its machines are off, and the store cannot be reached.

#include <filesystem>
#include <memory>
#include <string>

#include <cicada/jobs/job_store.hpp>
#include <cicada/loop/simulation.hpp>

namespace cicada {

namespace detail {
struct cluster_state;
class machine;
using machine_program = function<task<>(job_store)>;
} // namespace detail

struct cluster_options {
    std::uint64_t seed = 0;
    /// A message takes up to this long, each way.
    duration delay = std::chrono::milliseconds(1);
    /// So many of a million messages are lost. What was asked for was not done then, or it was, and
    /// its answer is what was lost: who asked is told store_fault::unknown_outcome.
    std::uint32_t lost_in_a_million = 0;
    /// So long a machine waits for the answer.
    duration patience = std::chrono::seconds(5);
};

struct machine_options {
    /// Of its wall clock, against the store's.
    duration clock_ahead = duration::zero();
    /// Its clocks run faster by so many millionths; up to 100, as those of real machines do.
    int drift = 0;
};

/// What has happened to messages.
struct cluster_counts {
    std::uint64_t messages = 0;
    std::uint64_t requests_lost = 0; // nothing was done
    std::uint64_t answers_lost = 0; // it was done
    std::uint64_t refused = 0; // the store was down, or had failed over

    friend bool operator==(const cluster_counts&, const cluster_counts&) = default;
};

/// A handle, whose copies are the same machine.
class CICADA_API simulated_machine {
public:
    const std::string& name() const noexcept;

    /// Starts `program` as the machine's process, in place of the one before, which crashes. It is
    /// kept, with what it holds, for restart(). An error that it ends with goes to the error
    /// handler of the simulation.
    void run(detail::machine_program program);
    /// Whether its process has not ended.
    bool is_running() const noexcept;
    /// Asks the process to cancel, as SIGTERM does.
    void stop();

    /// The process ends as by kill -9: its tasks, handlers among them, are destroyed where they
    /// stand, so that of their code nothing runs any more but destructors. Nothing that these do
    /// reaches the store; a message that is under way may. Called by a task of this machine, it
    /// comes at the end of the loop's turn.
    void crash();
    /// The same, if it runs, and then its program is started anew.
    void restart();
    /// Nothing runs there for so long, as after SIGSTOP, while its clocks go on. What was sent to
    /// it meanwhile arrives then.
    void freeze(duration time);
    /// Messages to and from it are lost for so long.
    void cut_off(duration time);
    /// Messages to and from it that are sent within this time arrive at its end: also those that
    /// nobody waits for any more.
    void hold_back(duration time);
    /// Sets its wall clock.
    void step_clock(duration by);
    /// From here on its tz database is that of this directory, newer than those of others, or
    /// older: its zones go by it, as after an update and reload_tz(). A zone that the directory
    /// lacks stays that of this process. No other thread should look at zones meanwhile.
    void update_zones(const std::filesystem::path& tz_directory);

    /// The store, as it is reached from this machine. After a crash: from its next process.
    job_store store() const;
    wall_time wall_now() const noexcept;

private:
    friend class simulated_cluster;
    explicit simulated_machine(detail::machine& of) noexcept : of_(&of) {}
    detail::machine* of_;
};

class CICADA_API simulated_cluster {
public:
    /// Of this thread's simulation, and with a new store. Throws std::logic_error without one, and
    /// std::invalid_argument for options that make no sense.
    explicit simulated_cluster(cluster_options options = {});
    simulated_cluster(const simulated_cluster&) = delete;
    simulated_cluster& operator=(const simulated_cluster&) = delete;
    /// Its machines crash.
    ~simulated_cluster();

    /// A new one, which runs nothing yet. Throws std::invalid_argument for a name twice.
    simulated_machine machine(std::string name, machine_options options = {});

    /// The store, for those outside, from where it is always reached.
    job_store store() const;
    /// By its clock, which begins as the simulation's wall clock. (What is done to that afterwards
    /// is not felt in the cluster.)
    wall_time store_now() const noexcept;

    /// Nobody reaches the store for so long.
    void take_down(duration time);
    /// Another server takes over, which does not know the last `commits` that the one before said
    /// were done (the last 64 at most), and whose clock is ahead of that one's. What is under way
    /// to the old one is refused, and so is what each machine sends first.
    void fail_over(std::size_t commits = 0, duration clock_ahead = duration::zero());
    /// Sets the store's clock.
    void step_clock(duration by);
    void set_lost(std::uint32_t in_a_million);

    cluster_counts counts() const noexcept;
    detail::cluster_state& state() const noexcept { return *state_; }
    explicit simulated_cluster(std::unique_ptr<detail::cluster_state> state) noexcept;

private:
    const std::unique_ptr<detail::cluster_state> state_;
};

} // namespace cicada
