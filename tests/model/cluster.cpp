// Durable jobs on simulated clusters, by seeds: T1 of the design. See cluster/trial.hpp.
//
//     CICADA_SEED=7      that one alone
//     CICADA_SEEDS=10000 so many

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include <cluster/trial.hpp>

namespace {

using namespace cluster_model;

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
    const char* const given = std::getenv(name);
    return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

const shape& shape_of(std::uint64_t seed) {
    return seed % 8 == 0 ? years : seed % 8 < 4 ? days : dense;
}

struct sums {
    faults injected;
    calls made;
    checked what;
    std::uint64_t seeds = 0;
    std::uint64_t attempts = 0;
    std::uint64_t messages = 0;
    duration time{};

    void add(const trial_result& one) {
        ++seeds;
        attempts += one.attempts;
        messages += one.messages;
        what.instants += one.what.instants;
        what.runs += one.what.runs;
        what.takeovers += one.what.takeovers;
        time += one.time;
        const auto add_all = [](auto& to, const auto& of) {
            using number = std::uint64_t;
            auto* const sum = reinterpret_cast<number*>(&to);
            const auto* const each = reinterpret_cast<const number*>(&of);
            for (std::size_t i = 0; i < sizeof to / sizeof(number); ++i) sum[i] += each[i];
        };
        add_all(injected, one.injected);
        add_all(made, one.made);
    }
};

TEST(cluster, keeps_its_guarantees_whatever_fails) {
    const std::uint64_t first = number_of("CICADA_SEED", 1);
    const std::uint64_t many = std::getenv("CICADA_SEED") ? 1 : number_of("CICADA_SEEDS", 1000);
    sums all;
    for (std::uint64_t seed = first; seed < first + many; ++seed) {
        const auto one = run_trial(seed, shape_of(seed));
        all.add(one);
        std::string text;
        for (std::size_t i = 0; i < one.violations.size() && i < 10; ++i) {
            std::ostringstream out;
            out << one.violations[i];
            text += "\n  " + out.str();
        }
        EXPECT_TRUE(one.violations.empty())
            << "CICADA_SEED=" << seed << " (" << shape_of(seed).name << ")" << text;
    }
    std::cout << all.seeds << " seeds, " << static_cast<double>(all.time / 24h) / 365.25
              << " years, " << all.what.instants << " instants, " << all.what.runs << " runs, "
              << all.attempts << " attempts, " << all.what.takeovers << " takeovers, " << all.messages << " messages\n";
}

} // namespace
