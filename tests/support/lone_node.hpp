#pragma once

/// One node and one job, to which all happens at once: what a worker does with a decider, without a
/// store, a loop or a thread.

#include <optional>
#include <string>
#include <vector>

#include <support/kept_job.hpp>

namespace support {

class lone_node {
public:
    lone_node(cicada::job of, cicada::wall_time at) : now(at), kept(of, at) { restart(); }

    /// All that comes up to `until`; runs are claimed, and go on. Throws if nothing comes of a
    /// wake.
    void run_until(cicada::wall_time until) {
        for (auto wake = decides->wake_at(); wake && *wake <= until; wake = decides->wake_at()) {
            now = std::max(now, *wake);
            decides->due(now);
            if (!decides->has_step()) throw std::logic_error("it spins");
            write();
            claim_all();
        }
        now = until;
        claim_all();
    }
    /// The same, as each run ends when it has taken so long.
    void run_until(cicada::wall_time until, cicada::duration takes) {
        while (true) {
            const auto wake = decides->wake_at();
            const auto ends = kept.row.open.empty()
                                  ? std::nullopt
                                  : std::optional(kept.row.open[0].of.run_at + takes);
            if (ends && *ends <= until && (!wake || *ends < *wake)) {
                run_until(*ends);
                end();
            } else if (wake && *wake <= until) {
                run_until(*wake);
            } else {
                break;
            }
        }
        now = until;
    }
    /// `decides` is told something.
    template <class F>
    void tell(F f) {
        f(*decides);
        write();
        claim_all();
    }
    void write() {
        if (!decides->has_step()) return;
        decides->taken(kept.take(decides->take_step(cicada::detail::node_id{1}), now));
    }
    void claim_all() {
        for (cicada::detail::run_row& one : kept.row.open) {
            if (one.of.state == cicada::run_state::ready && one.of.run_at <= now)
                decides->run_is(kept.claim(one.of.id, now));
        }
    }
    /// The oldest that is running, unless one is named.
    void end(cicada::detail::run_end how = cicada::detail::run_end::ok,
             cicada::run_id which = cicada::detail::no_run) {
        claim_all();
        for (const cicada::detail::run_row& one : kept.row.open) {
            if (one.of.state != cicada::run_state::running) continue;
            if (which == cicada::detail::no_run) which = one.of.id;
        }
        if (!decides->run_ended(which, {.how = how, .reason = "because"}, now))
            throw std::logic_error("that is not open");
        write();
        claim_all();
    }
    void lose() {
        claim_all();
        if (!decides->run_lost(kept.row.open.at(0).of.id, now))
            throw std::logic_error("that is not open");
        write();
    }
    void restart() { decides.emplace(kept.row, "memory:", zones); }

    const cicada::detail::run_row& open() const { return kept.row.open.at(0); }
    std::vector<cicada::run_state> states() const {
        std::vector<cicada::run_state> all;
        for (const auto& one : kept.runs()) all.push_back(one.of.state);
        return all;
    }
    std::vector<cicada::decision::kind> reasons() const {
        std::vector<cicada::decision::kind> all;
        for (const auto& one : kept.stretches) all.push_back(one.kind);
        return all;
    }

    std::string zones = cicada::detail::tz_mark();
    cicada::wall_time now;
    kept_job kept;
    std::optional<cicada::detail::decider> decides;
};

} // namespace support
