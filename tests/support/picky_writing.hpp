#pragma once

#include <stdexcept>

#include <store/store.hpp>

namespace support {

/// A transaction that looks at each step before it is taken, and may throw.
class picky_writing final : public cicada::detail::writing {
public:
    using looks = cicada::detail::function<void(const cicada::detail::step&)>;
    picky_writing(cicada::detail::writing& in, looks at) : in_(in), looks_(std::move(at)) {}

    cicada::wall_time now() override { return in_.now(); }
    std::vector<cicada::detail::node_row> nodes() override { return in_.nodes(); }
    std::vector<cicada::detail::job_wake> waking(cicada::wall_time t, std::size_t n) override {
        return in_.waking(t, n);
    }
    cicada::detail::job_search out_of_date(cicada::detail::job_id after, cicada::wall_time t,
                                           std::string_view zones, std::size_t n) override {
        return in_.out_of_date(after, t, zones, n);
    }
    std::vector<cicada::detail::job_id> stalled(std::size_t n) override { return in_.stalled(n); }
    std::vector<cicada::detail::job_row> jobs(const cicada::detail::job_query& q) override {
        return in_.jobs(q);
    }
    std::vector<cicada::detail::run_row> runs(const cicada::detail::run_query& q) override {
        return in_.runs(q);
    }
    std::optional<cicada::wall_time> next_ready(const cicada::detail::claim& by) override {
        return in_.next_ready(by);
    }
    std::vector<cicada::detail::stretch> stretches(cicada::detail::job_id of, cicada::wall_time a,
                                                   cicada::wall_time b) override {
        return in_.stretches(of, a, b);
    }
    std::vector<cicada::detail::edit_row> edits(cicada::detail::job_id of) override {
        return in_.edits(of);
    }
    std::vector<cicada::detail::backfill_row> backfills(cicada::detail::job_id of) override {
        return in_.backfills(of);
    }
    std::optional<std::uint64_t> applied(std::string_view owner) override {
        return in_.applied(owner);
    }
    cicada::detail::node_id enter(const cicada::detail::node_row& who,
                                  cicada::duration lease) override {
        return in_.enter(who, lease);
    }
    bool renew(cicada::detail::node_id who, cicada::duration lease) override {
        return in_.renew(who, lease);
    }
    void leave(cicada::detail::node_id who) override { in_.leave(who); }
    std::vector<cicada::detail::node_id> evict(cicada::duration patience) override {
        return in_.evict(patience);
    }
    std::optional<cicada::detail::job_id> create(const cicada::detail::new_job& one) override {
        return in_.create(one);
    }
    cicada::detail::step_result take(const cicada::detail::step& one) override {
        looks_(one);
        return in_.take(one);
    }
    bool apply(std::string_view owner, std::uint64_t revision) override {
        return in_.apply(owner, revision);
    }
    cicada::detail::step_result submit(const cicada::detail::run_row& one) override {
        return in_.submit(one);
    }
    std::vector<cicada::detail::run_row> claim_runs(const cicada::detail::claim& by) override {
        return in_.claim_runs(by);
    }
    cicada::detail::prune_result prune(const cicada::detail::prune_request& what) override {
        return in_.prune(what);
    }

private:
    cicada::detail::writing& in_;
    const looks looks_;
};

} // namespace support
