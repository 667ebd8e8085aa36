// The same random histories through periodics, simulate(), and jobs in memory and in a file: all of
// them decide the same. See jobs/compare.hpp.

#include <gtest/gtest.h>

#include <model/jobs/compare.hpp>
#include <support/temporary_folder.hpp>

namespace {

using namespace jobs_model;

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

TEST(same_histories, are_decided_alike_by_periodics_and_simulate) {
    const auto simulated = [](const history& one, const accounts&) {
        return one.is_quiet ? std::optional(as_simulated(one)) : std::nullopt;
    };
    compare(simulated, compared::told);
}

TEST(same_histories, are_decided_alike_by_periodics_and_jobs_in_memory) {
    const auto in_memory = [](const history& one, const accounts& known) {
        return as_jobs(one, "memory:", worker_then::sleeps, known);
    };
    compare(in_memory, compared::all);
}

TEST(same_histories, are_decided_alike_by_a_machine_that_sleeps_and_workers_that_come_and_go) {
    const auto by_others = [](const history& one, const accounts& known) {
        const bool may_leave = one.has_outages() && one.runs_in_no_time();
        return may_leave ? std::optional(as_jobs(one, "memory:", worker_then::leaves, known))
                         : std::nullopt;
    };
    compare(by_others, compared::all);
}

TEST(same_histories, are_decided_alike_by_periodics_and_jobs_in_a_file) {
    const support::temporary_folder folder(support::fast_folders());
    const auto in_a_file = [&](const history& one, const accounts& known) {
        const std::string file = (folder / std::to_string(one.seed)) + ".db";
        return as_jobs(one, "sqlite:" + file + "?durability=process_crash", worker_then::sleeps,
                       known);
    };
    compare(in_a_file, compared::all, 10);
}

} // namespace
