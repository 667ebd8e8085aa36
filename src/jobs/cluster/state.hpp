#pragma once

/// What a simulated cluster is made of.

#include <memory>
#include <vector>

#include <jobs/cluster/machine.hpp>

namespace cicada::detail {

struct CICADA_API cluster_state {
    /// Of `rows` what a model is to watch, or to leave out; the rest is given here.
    cluster_state(const cluster_options& how, memory_options rows);
    cluster_state(const cluster_state&) = delete;
    cluster_state& operator=(const cluster_state&) = delete;
    ~cluster_state();

    const std::uint64_t seed;
    const std::shared_ptr<clockwork> when;
    store_server server;
    network through;
    const std::shared_ptr<store_access> outside;
    std::vector<std::unique_ptr<machine>> machines;
};

} // namespace cicada::detail
