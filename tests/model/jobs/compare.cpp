#include <model/jobs/compare.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <support/from_environment.hpp>
#include <support/slow.hpp>

namespace jobs_model {

namespace {

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

std::string difference(const accounts& left, const accounts& right, compared what) {
    for (const auto& [name, one] : left) {
        const auto there = right.find(name);
        const account& other = there == right.end() ? account() : there->second;
        std::string text = difference(one.told, other.told);
        if (text.empty() && what == compared::all)
            text = difference(known_of(one), known_of(other));
        if (!text.empty()) return "job " + name + ":\n" + text;
    }
    return {};
}

} // namespace

void compare(const plays& by, compared what, std::uint64_t stride) {
    const std::uint64_t only = support::number_from_environment("CICADA_SEED", 0);
    const std::uint64_t seeds = support::number_from_environment("CICADA_SEEDS", usual_seeds);
    std::uint64_t played = 0;
    for (std::uint64_t seed = only ? only : stride; seed <= (only ? only : seeds); seed += stride) {
        const history one = make_history(seed);
        const accounts periodics = as_periodics(one);
        const std::optional<accounts> others = by(one, periodics);
        if (!others) continue;
        ++played;
        const std::string differs = difference(periodics, *others, what);
        if (!differs.empty()) FAIL() << one.text() << differs;
    }
    if (!only) {
        EXPECT_GT(played, seeds / stride / 10);
    }
}

} // namespace jobs_model
