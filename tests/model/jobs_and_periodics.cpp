// The same random histories through periodics, simulate(), and jobs in memory and in a file: all of
// them decide the same. See jobs/history.hpp for what is in them.
//
//     CICADA_SEED=7           that one alone
//     CICADA_SEEDS=100000     so many

#include <gtest/gtest.h>

#include <algorithm>

#include <model/jobs/drivers.hpp>
#include <support/from_environment.hpp>
#include <support/slow.hpp>
#include <support/temporary_folder.hpp>

namespace {

using namespace jobs_model;

constexpr std::uint64_t usual_seeds = support::is_slow ? 100 : 1'000;

/// The first line that differs, and those before it. Empty: none.
std::string difference(const std::vector<std::string>& left,
                       const std::vector<std::string>& right) {
    const auto [a, b] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (a == left.end() && b == right.end()) return {};
    std::string text;
    for (auto before = a - std::min<std::ptrdiff_t>(3, a - left.begin()); before != a; ++before)
        text += "  both say  " + *before + '\n';
    return text + "  the first " + (a == left.end() ? "nothing" : *a) + "\n  the other " +
           (b == right.end() ? "nothing" : *b) + '\n';
}

std::vector<std::string> known_of(const account& one) {
    std::vector<std::string> all;
    for (const auto& [instant, what] : one.known)
        all.push_back(cicada::format_instant(instant) + " is known as " + what);
    all.push_back(one.figures);
    return all;
}

std::string difference(const accounts& left, const accounts& right, bool is_told_only) {
    for (const auto& [name, one] : left) {
        const auto there = right.find(name);
        const account& other = there == right.end() ? account() : there->second;
        std::string text = difference(one.told, other.told);
        if (text.empty() && !is_told_only) text = difference(known_of(one), known_of(other));
        if (!text.empty()) return "job " + name + ":\n" + text;
    }
    return {};
}

enum class driver { simulate, memory, worker_that_leaves, file };

/// What is different from the periodics. None: it cannot play this one.
std::optional<std::string> difference(const history& one, const accounts& periodics, driver with,
                                      const std::string& file) {
    const bool may_leave = one.has_outages() && one.runs_in_no_time();
    switch (with) {
    case driver::simulate:
        if (!one.is_quiet) return std::nullopt;
        return difference(periodics, as_simulated(one), true);
    case driver::memory:
        return difference(periodics, as_jobs(one, "memory:", worker_then::sleeps, periodics),
                          false);
    case driver::worker_that_leaves:
        if (!may_leave) return std::nullopt;
        return difference(periodics, as_jobs(one, "memory:", worker_then::leaves, periodics),
                          false);
    case driver::file:
        return difference(periodics, as_jobs(one, file, worker_then::sleeps, periodics), false);
    }
    return std::nullopt;
}

/// Every `step`th history.
void compare(driver with, std::uint64_t step = 1) {
    const support::temporary_folder folder(support::fast_folders());
    const std::uint64_t only = support::number_from_environment("CICADA_SEED", 0);
    const std::uint64_t seeds = support::number_from_environment("CICADA_SEEDS", usual_seeds);
    std::uint64_t played = 0;
    for (std::uint64_t seed = only ? only : step; seed <= (only ? only : seeds); seed += step) {
        const history one = make_history(seed);
        const accounts periodics = as_periodics(one);
        const std::string file = "sqlite:" + (folder / std::to_string(seed)) + ".db";
        const auto differs = difference(one, periodics, with, file + "?durability=process_crash");
        if (!differs) continue;
        ++played;
        if (!differs->empty()) FAIL() << one.text() << *differs;
    }
    if (!only) {
        EXPECT_GT(played, seeds / step / 10);
    }
}

/// A kind of decision that never comes shows nothing.
TEST(same_histories, hold_decisions_of_every_kind) {
    using kind = cicada::decision::kind;
    std::map<std::string, unsigned> known;
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        for (const auto& [name, one] : as_periodics(make_history(seed))) {
            for (const auto& [instant, words] : one.known)
                ++known[words.substr(0, words.find_first_of(" ,"))];
        }
    }
    for (int i = 0; i <= static_cast<int>(kind::paused); ++i) {
        const std::string word(to_string(static_cast<kind>(i)));
        EXPECT_GT(known[word], 50u) << word;
    }
}

TEST(same_histories, are_decided_alike_by_periodics_and_simulate) { compare(driver::simulate); }

TEST(same_histories, are_decided_alike_by_periodics_and_jobs_in_memory) { compare(driver::memory); }

TEST(same_histories, are_decided_alike_by_a_machine_that_sleeps_and_workers_that_come_and_go) {
    compare(driver::worker_that_leaves);
}

TEST(same_histories, are_decided_alike_by_periodics_and_jobs_in_a_file) {
    compare(driver::file, 10);
}

} // namespace
