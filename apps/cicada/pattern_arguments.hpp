#pragma once

/// What `next` and `explain` are told: a pattern, and how to read it.

#include <string>
#include <string_view>
#include <vector>

#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/policy_text.hpp>

#include "problem.hpp"

namespace cicada::app {

struct pattern_arguments {
    std::string pattern;
    std::string zone; // empty: the system's
    std::string after = "now";
    std::string gap = to_text(cicada::gap::run);
    std::string dialect = to_text(cicada::dialect::ocps);
    std::string name; // for H
    std::size_t count = 1;
    bool wants_json = false;
};

struct asked_pattern {
    cron rule;
    std::string text; // as it was given
    wall_time now;
    wall_time after;
};

/// Reads them all. Throws bad_input with every mistake there is.
asked_pattern read(const pattern_arguments& given, wall_time now);

/// What is wrong when the pattern is not the only word: without quotes a shell makes several words
/// of it.
problem problem_of_words(const std::vector<std::string>& words);

/// The zone of an option; the system's if it is empty. Throws bad_input.
zone read_zone(std::string_view name);
/// The instant of an option. Throws bad_input.
wall_time read_instant_option(std::string_view option, const std::string& text, const zone& where,
                              wall_time now);

} // namespace cicada::app
