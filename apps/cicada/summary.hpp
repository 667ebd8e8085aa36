#pragma once

/// What a simulation comes to, for each schedule and in all.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cicada/schedule/policy_text.hpp>
#include <cicada/schedule/simulate.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada::app {

/// The most runs at one time, and when that was first so.
struct peak {
    std::size_t runs = 0;
    wall_time at{};
};

class summary {
public:
    explicit summary(const std::vector<planned_schedule>& of)
        : of_(of), lines_(of.size(), {.counts = std::vector<std::uint64_t>(kinds_)}) {}
    void add(const planned_schedule& s, const decision& d);

    std::string text(const zone& shown_in) const;
    std::string json(const zone& shown_in) const;

private:
    using run = std::pair<wall_time, wall_time>;
    struct line {
        std::vector<std::uint64_t> counts; // of each decision::kind
        std::vector<run> runs;
        duration longest_gap{}; // between two starts
        wall_time gap_from{};
    };

    static peak peak_of(std::vector<run> runs);
    peak peak_of_all() const;

    const std::size_t kinds_ = words_of<decision::kind>().size();
    const std::vector<planned_schedule>& of_;
    std::vector<line> lines_;
};

} // namespace cicada::app
