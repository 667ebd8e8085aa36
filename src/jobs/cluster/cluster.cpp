#include <cicada/jobs/cluster.hpp>

#include <algorithm>

#include <jobs/cluster/state.hpp>
#include <jobs/direct_link.hpp>

namespace cicada {

namespace {

loop& simulated_loop() {
    loop& here = loop::current();
    if (here.turned_by().is_simulated()) return here;
    throw std::logic_error("cicada: a simulated_cluster is made within a simulation: make that "
                           "first, on the same thread");
}

void check_network(const cluster_options& how) {
    if (how.delay < duration::zero())
        throw std::invalid_argument("cicada: cluster_options::delay is less than zero");
    if (how.patience <= duration::zero())
        throw std::invalid_argument("cicada: cluster_options::patience is not above zero");
    if (how.lost_in_a_million > 1'000'000)
        throw std::invalid_argument(
            "cicada: cluster_options::lost_in_a_million is above a million");
}

void check_machine(const machine_options& how) {
    if (how.drift < -100 || how.drift > 100)
        throw std::invalid_argument("cicada: machine_options::drift is beyond 100 millionths");
}

} // namespace

// ---- machines ----------------------------------------------------------------------------------

const std::string& simulated_machine::name() const noexcept { return of_->name(); }
void simulated_machine::run(detail::machine_program program) { of_->run(std::move(program)); }
bool simulated_machine::is_running() const noexcept { return of_->is_running(); }
void simulated_machine::stop() { of_->stop(); }
void simulated_machine::crash() { of_->crash(); }
void simulated_machine::restart() { of_->restart(); }
void simulated_machine::freeze(duration time) { of_->freeze(time); }
void simulated_machine::cut_off(duration time) { of_->cut_off(time); }
void simulated_machine::hold_back(duration time) { of_->hold_back(time); }
void simulated_machine::step_clock(duration by) { of_->step_clock(by); }
void simulated_machine::update_zones(const std::filesystem::path& tz_directory) {
    of_->update_zones(tz_directory);
}
job_store simulated_machine::store() const { return of_->store(); }
wall_time simulated_machine::wall_now() const noexcept { return of_->wall_now(); }

// ---- the cluster -------------------------------------------------------------------------------

detail::cluster_state::cluster_state(const cluster_options& how, memory_options rows)
    : seed(how.seed), when(std::make_shared<clockwork>(simulated_loop())),
      server(*when, std::move(rows)), through(*when, server, how),
      outside(std::make_shared<store_access>(
          server.where(),
          std::make_unique<direct_link>(*server.where(), [this] { return server.now(); }))) {
    check_network(how);
}

detail::cluster_state::~cluster_state() { when->close(); }

simulated_cluster::simulated_cluster(cluster_options options)
    : simulated_cluster(
          std::make_unique<detail::cluster_state>(options, detail::memory_options())) {}

simulated_cluster::simulated_cluster(std::unique_ptr<detail::cluster_state> state) noexcept
    : state_(std::move(state)) {}

simulated_cluster::~simulated_cluster() = default;

simulated_machine simulated_cluster::machine(std::string name, machine_options options) {
    check_machine(options);
    auto& all = state_->machines;
    if (std::ranges::any_of(all, [&](const auto& one) { return one->name() == name; }))
        throw std::invalid_argument("cicada: a cluster has two machines \"" + name + "\"");
    all.push_back(std::make_unique<detail::machine>(std::move(name), *state_->when, state_->through,
                                                    state_->server, options, state_->seed));
    return simulated_machine(*all.back());
}

job_store simulated_cluster::store() const { return job_store(state_->outside); }
wall_time simulated_cluster::store_now() const noexcept { return state_->server.now(); }
void simulated_cluster::take_down(duration time) { state_->server.take_down(time); }

void simulated_cluster::fail_over(std::size_t commits, duration clock_ahead) {
    state_->server.fail_over(commits, clock_ahead);
}

void simulated_cluster::step_clock(duration by) { state_->server.step_clock(by); }

void simulated_cluster::set_lost(std::uint32_t in_a_million) {
    check_network({.lost_in_a_million = in_a_million});
    state_->through.set_lost(in_a_million);
}

cluster_counts simulated_cluster::counts() const noexcept { return state_->through.counts(); }

} // namespace cicada
