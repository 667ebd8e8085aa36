#pragma once

/// What a simulated cluster is made of.

#include <memory>
#include <vector>

#include <jobs/cluster/machine.hpp>

namespace cicada::detail {

struct CICADA_API cluster_state {
    /// The store lacks the checks that are left out: for tests of tests.
    cluster_state(const cluster_options& how, std::vector<store_check> left_out);
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
