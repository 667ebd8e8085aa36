#pragma once

/// A simulated cluster whose handlers write down what they see.

#include <deque>
#include <set>

#include <cicada/jobs.hpp>
#include <cicada/jobs/cluster.hpp>

#include <jobs/cluster/state.hpp>
#include <model/cluster/zone_watch.hpp>
#include <support/random.hpp>

namespace cluster_model {

struct setting {
    std::uint64_t seed = 0;
    const char* start = "2026-03-20T00:00:00Z";
    int machines = 3;
    duration lease = 20s;
    duration poll = 1s;
    duration grace = 5s;
    duration delay = 2ms; // of messages
    int drift = 100; // clocks: up to so many millionths
    duration skew = 1h; // and so far apart
    std::vector<cicada::detail::store_check> left_out = {}; // of the store
    bool has_zone_updates = false; // of machines
    bool tells = false; // what happens, on stderr
};

/// What an attempt does: so many steps, each so long; and then?
struct behaviour {
    int steps = 1;
    duration step = 1s;
    attempt::ending ends = attempt::ending::returned;
};

class world {
public:
    /// A machine that runs a worker, and what has been done to it.
    struct host {
        cicada::simulated_machine machine;
        std::vector<std::string> kinds = {"work"}; // that its worker runs
        elapsed_time thaws_at = elapsed_time::min();
        elapsed_time is_held_until = elapsed_time::min(); // what it sends
        bool is_asked_to_end = false;
        std::vector<span> ill; // when something was wrong with it
    };

    explicit world(const setting& how);

    const setting how;
    cicada::simulation sim;
    cicada::simulated_cluster cluster;
    std::deque<host> hosts;
    cicada::detail::function<behaviour(const cicada::job_run&)> plan; // default: a second

    // ---- what is done to it ----
    host& add(const cicada::machine_options& options);
    void start(host& on);
    void stop(host& on); // as SIGTERM does
    void crash(host& on);
    void freeze(host& on, duration time);
    void cut_off(host& on, duration time);
    void hold_back(host& on, duration time);
    void take_down(duration time);
    void fail_over(std::size_t commits, duration clock_ahead);
    void lose(std::uint32_t in_a_million, duration time);
    void update_zones(host& on, const std::filesystem::path& tz_directory);
    void tell(const std::string& what) const;

    // ---- what came of it ----
    std::vector<cicada::detail::job_row> jobs() const;
    std::vector<run_row> runs() const;
    std::vector<cicada::detail::node_row> nodes() const;
    cicada::detail::job_row row(const std::string& job) const;
    /// All but the jobs.
    history seen() const;
    job_history history_of(const cicada::job& one) const;
    const std::deque<attempt>& attempts() const { return attempts_; }

private:
    class note;
    cicada::detail::memory_options store_options();
    duration up_to(duration most);
    void ill(host& on, duration time);
    void all_ill(duration time);
    cicada::task<> serve(host& on, cicada::job_store store);
    cicada::task<> work(host& on, cicada::job_run run);
    cicada::task<> watch();
    duration set_back_since_it_began(const run_row& one) const;
    cicada::task<> end_loss(duration after);
    wall_time furthest();

    support::random_numbers random_; // clocks go by it
    std::deque<attempt> attempts_;
    wall_time furthest_ = wall_time::min(); // that the store's clock has come
    std::set<std::pair<cicada::run_id, std::uint64_t>> forgotten_; // claims that were lost
    std::vector<run_row> given_to_the_dead_;
    std::vector<std::pair<elapsed_time, duration>> set_back_;
    zone_watch zones_;
    cicada::join_handle<> watcher_;
    cicada::join_handle<> loss_ends_;
};

} // namespace cluster_model
