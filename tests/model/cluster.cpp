// Durable jobs on simulated clusters, by seeds: T1 of the design. See cluster/trial.hpp.
//
//     CICADA_SEED=7           that one alone
//     CICADA_SEED=7 CICADA_TELL=1    and all that happens in it
//     CICADA_SEEDS=100000     so many
//     CICADA_SEED=1001 CICADA_SEEDS=1000     so many from that one on

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include <model/cluster/trial.hpp>
#include <support/from_environment.hpp>
#include <support/slow.hpp>

namespace {

using namespace cluster_model;
using support::number_from_environment;

const shape& shape_of(std::uint64_t seed) {
    return seed % 8 == 0 ? years : seed % 8 < 4 ? days : dense;
}

constexpr std::uint64_t usual_seeds = support::is_slow ? 16 : 300;

std::string text_of(const std::vector<violation>& those) {
    std::ostringstream text;
    for (std::size_t i = 0; i < those.size() && i < 10; ++i) text << "\n  " << those[i];
    return text.str();
}

struct figure {
    const char* name;
    std::uint64_t number;
};

std::vector<figure> figures_of(const faults& all) {
    return {{"crashes", all.crashes},
            {"stops", all.stops},
            {"freezes", all.freezes},
            {"times cut off", all.cuts},
            {"times with lost messages", all.lossy},
            {"times held back", all.held},
            {"clocks of machines set", all.clock_steps},
            {"times the store was down", all.downs},
            {"failovers", all.failovers},
            {"zone updates", all.zone_updates},
            {"commits lost", all.commits_lost},
            {"requests lost", all.requests_lost},
            {"answers lost", all.answers_lost},
            {"requests refused", all.refused}};
}

std::vector<figure> figures_of(const calls& all) {
    return {{"edits", all.edits},        {"pauses", all.pauses},   {"resumes", all.resumes},
            {"triggers", all.triggers},  {"submits", all.submits}, {"cancels", all.cancels},
            {"backfills", all.backfills}};
}

TEST(cluster, keeps_its_guarantees_whatever_fails) {
    const bool has_first = std::getenv("CICADA_SEED") != nullptr;
    const std::uint64_t first = number_from_environment("CICADA_SEED", 1);
    const std::uint64_t many = number_from_environment("CICADA_SEEDS", has_first ? 1 : usual_seeds);
    const bool is_one = many == 1;
    trial_result all;
    std::uint64_t failed = 0;
    for (std::uint64_t seed = first; seed < first + many; ++seed) {
        const trial_result one = run_trial(seed, shape_of(seed));
        all += one;
        if (one.violations.empty()) continue;
        ++failed;
        ADD_FAILURE() << "CICADA_SEED=" << seed << " (" << shape_of(seed).name << ")"
                      << text_of(one.violations);
    }
    std::cout << many << " seeds, "
              << std::chrono::duration<double, std::chrono::years::period>(all.time).count()
              << " years, " << failed << " with a violation\n"
              << "  instants " << all.what.instants << ", runs " << all.what.runs << ", attempts "
              << all.attempts << ", takeovers that were timed " << all.what.takeovers
              << ", messages " << all.messages << '\n';
    std::vector<figure> figures = figures_of(all.injected);
    for (const figure& one : figures_of(all.made)) figures.push_back(one);
    for (const figure& one : figures) {
        std::cout << "  " << one.name << ' ' << one.number << '\n';
        EXPECT_TRUE(is_one || one.number > 0) << one.name;
    }
    EXPECT_TRUE(is_one || all.what.takeovers > 0);
}

} // namespace
