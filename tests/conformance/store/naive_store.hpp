#pragma once

/// The contract of a store in lists: what is there is looked through from end to end, and what is
/// to be undone is copied before. No index, no order but that in which things were made.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <store/store.hpp>

namespace conformance_of_stores {

using namespace cicada;
using namespace cicada::detail;

class naive_store final : public store {
public:
    explicit naive_store(cicada::detail::function<wall_time()> now) : clock_(std::move(now)) {}

    void write(std::span<part* const> parts) override;
    void read(const cicada::detail::function<void(reading&)>& ask) override;
    std::string place() const override { return "naive"; }

private:
    struct rows {
        std::vector<node_row> nodes; // ids: place + 1
        std::vector<job_row> jobs;
        std::vector<run_row> runs;
        std::vector<std::pair<job_id, stretch>> stretches;
        std::vector<std::pair<job_id, edit_row>> edits;
        std::map<job_id, wall_time> in_force; // of the edits
        std::vector<backfill_row> backfills;
        std::vector<std::pair<std::string, std::uint64_t>> applied;
        std::int64_t last_run = 0;
        std::uint64_t last_fence = 0;
    };
    class transaction;

    cicada::detail::function<wall_time()> clock_;
    rows rows_;
};

} // namespace conformance_of_stores
