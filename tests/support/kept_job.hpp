#pragma once

/// One job and its history as a store keeps them, for tests of what decides: with the store's
/// checks, and nothing else of it.

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <jobs/decider.hpp>

namespace support {

struct kept_job {
    cicada::detail::job_row row;
    std::vector<cicada::detail::run_row> ended;
    std::vector<cicada::detail::stretch> stretches; // by epoch, then first
    std::vector<cicada::detail::edit_row> edits;
    std::int64_t last_id = 0; // of runs
    std::uint64_t last_fence = 0;

    kept_job() = default;
    kept_job(const cicada::job& of, cicada::wall_time now) {
        using namespace cicada::detail;
        new_job made = decider::make({of, std::nullopt}, "owner", now);
        edits.push_back({made.at.decided, made.definition});
        row.id = job_id{1};
        row.name = std::move(made.name);
        row.owner = std::move(made.owner);
        row.revision = 1;
        row.definition = std::move(made.definition);
        row.zones = std::move(made.zones);
        row.created_at = now;
        row.at = std::move(made.at);
    }

    /// Throws std::logic_error for what a store would refuse.
    cicada::detail::step_result take(const cicada::detail::step& one, cicada::wall_time now) {
        using namespace cicada::detail;
        need(one.job == row.id && one.revision == row.revision, "stale");
        need(one.not_before <= now, "too early");
        for (const run_change& c : one.changes) change(c, now);
        step_result result{.revision = ++row.revision};
        for (run_row run : one.begins) {
            begin(run);
            result.begun.push_back(run);
        }
        for (const stretch& s : one.stretches) add(s);
        if (one.definition) {
            row.definition = *one.definition;
            edits.push_back({one.at.decided, row.definition});
        }
        if (one.zones) row.zones = *one.zones;
        row.at = one.at;
        return result;
    }
    /// By a node: it is running from here on.
    const cicada::detail::run_row& claim(cicada::run_id id, cicada::wall_time now) {
        cicada::detail::run_row& run = open(id);
        need(run.of.state == cicada::run_state::ready && run.of.run_at <= now, "cannot be claimed");
        run.of.state = cicada::run_state::running;
        run.of.started_at = now;
        run.of.fence = ++last_fence;
        run.of.node = "a node";
        run.node = cicada::detail::node_id{1};
        run.claim = last_fence + 1000;
        return run;
    }
    cicada::detail::run_row& open(cicada::run_id id) {
        for (cicada::detail::run_row& run : row.open) {
            if (run.of.id == id) return run;
        }
        throw std::logic_error("there is no such open run");
    }
    /// All runs that there were, by id.
    std::vector<cicada::detail::run_row> runs() const {
        auto all = ended;
        all.insert(all.end(), row.open.begin(), row.open.end());
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return a.of.id < b.of.id; });
        return all;
    }
    std::vector<cicada::wall_time> nominals() const {
        std::vector<cicada::wall_time> all;
        for (const auto& run : runs()) all.push_back(run.of.nominal);
        return all;
    }

private:
    static void need(bool is_so, const char* what) {
        if (!is_so) throw std::logic_error(std::string("a store refuses: ") + what);
    }
    void change(const cicada::detail::run_change& c, cicada::wall_time now) {
        using namespace cicada::detail;
        run_row& run = open(c.id);
        need(run.of.state == c.was && run.of.fence == c.fence && run.claim == c.claim, "refused");
        apply_change(c, run);
        if (c.was == cicada::run_state::running && c.state == cicada::run_state::ready)
            run.of.fence = ++last_fence;
        if (cicada::is_open(c.state)) return;
        run.of.ended_at = now;
        ended.push_back(run);
        std::erase_if(row.open, [&](const run_row& r) { return r.of.id == c.id; });
    }
    static void need_another(const cicada::detail::run_row& one,
                             const cicada::detail::run_row& than) {
        const auto is_scheduled = [](const auto& r) {
            return r.of.origin == cicada::run_origin::scheduled;
        };
        need(one.of.key != than.of.key, "a key that is there");
        need(one.epoch != than.epoch || one.of.nominal != than.of.nominal || !is_scheduled(one) ||
                 !is_scheduled(than),
             "an instant that is there");
    }
    void begin(cicada::detail::run_row& run) {
        for (const auto* those : {&ended, &row.open}) {
            for (const auto& other : *those) need_another(other, run);
        }
        run.of.id = cicada::run_id{++last_id};
        run.of.job = row.name;
        run.of.fence = ++last_fence;
        row.open.push_back(run);
    }
    void add(cicada::detail::stretch s) {
        for (auto& other : stretches) {
            need(other.epoch != s.epoch || other.first != s.first, "a stretch that is there");
            if (s.follows != other.last || other.kind != s.kind || other.epoch != s.epoch ||
                other.into != s.into || other.because_of != s.because_of || other.note != s.note)
                continue;
            other.last = s.last;
            other.count += s.count;
            other.is_at_least = other.is_at_least || s.is_at_least;
            return;
        }
        s.follows.reset();
        stretches.push_back(std::move(s));
    }
};

} // namespace support
