#pragma once

/// What kept_job is, in a store: one job, its history, and one node that claims its runs. There may
/// be other jobs in that store, if each has a kind of its own.

#include <stdexcept>
#include <string>
#include <vector>

#include <jobs/decider.hpp>
#include <support/transaction.hpp>

namespace support {

struct stored_job {
    /// `clock` is that of the store, which this sets.
    stored_job(cicada::detail::store& in, cicada::wall_time& clock, const cicada::job& of)
        : store_(in), clock_(clock), kind_(of.kind) {
        using namespace cicada::detail;
        node_ = write(store_, [&](writing& w) {
            return w.enter({.name = "a node", .kinds = {kind_}}, std::chrono::hours(24 * 365));
        });
        const new_job made = decider::make({of, std::nullopt}, "owner", clock_);
        const auto id = write(store_, [&](writing& w) { return w.create(made); });
        row.id = id.value();
        read_row();
    }

    /// Throws std::logic_error for what the store refuses.
    cicada::detail::step_result take(const cicada::detail::step& one, cicada::wall_time now) {
        using namespace cicada::detail;
        clock_ = now;
        const step_result result = write(store_, [&](writing& w) { return w.take(one); });
        if (result.is != verdict::taken)
            throw std::logic_error("the store refuses: " + std::to_string(int(result.is)));
        read_row();
        return result;
    }
    /// It must be the first of those that can be claimed.
    const cicada::detail::run_row& claim(cicada::run_id id, cicada::wall_time now) {
        using namespace cicada::detail;
        clock_ = now;
        const std::vector<run_row> claimed = write(store_, [&](writing& w) {
            return w.claim_runs({.by = node_, .id = ++claims_, .kinds = {kind_}, .most = 1});
        });
        if (claimed.size() != 1 || claimed[0].of.id != id)
            throw std::logic_error("the store claims another run");
        read_row();
        for (const run_row& one : row.open) {
            if (one.of.id == id) return one;
        }
        throw std::logic_error("what was claimed is not open");
    }

    cicada::detail::job_row row;
    std::vector<cicada::detail::stretch> stretches;

private:
    void read_row() {
        using namespace cicada::detail;
        store_.read([&](reading& in) {
            row = in.jobs({.ids = {row.id}}).at(0);
            stretches = in.stretches(row.id, cicada::wall_time::min(), cicada::wall_time::max());
        });
    }

    cicada::detail::store& store_;
    cicada::wall_time& clock_;
    std::string kind_;
    cicada::detail::node_id node_{};
    std::uint64_t claims_ = 0;
};

} // namespace support
