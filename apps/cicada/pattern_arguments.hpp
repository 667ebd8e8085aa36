#pragma once

/// What `next` and `explain` are told: a pattern, and how to read it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cicada/schedule/cron.hpp>

#include "problem.hpp"

namespace cicada::app {

struct pattern_arguments {
    std::string pattern;
    std::string zone; // empty: the system's
    std::string after = "now";
    std::string gap = "run";
    std::string dialect = "ocps";
    std::string name; // for H
    std::size_t count = 1;
    bool wants_json = false;
};

/// The values that an option may have.
template <class Value>
using choices = std::vector<std::pair<std::string_view, Value>>;

extern const choices<gap> gap_choices;
extern const choices<dialect> dialect_choices;

struct asked_pattern {
    cron rule;
    std::string text; // as it was given
    wall_time now;
    wall_time after;
};

/// Reads them all. Throws bad_input with every mistake there is.
asked_pattern read(const pattern_arguments& given, wall_time now);

/// What is wrong when the pattern is not the only word: without quotes a shell makes several words of it.
problem problem_of_words(const std::vector<std::string>& words);

/// The zone of an option; the system's if it is empty. Throws bad_input.
zone read_zone(std::string_view name);
/// The instant of an option. Throws bad_input.
wall_time read_instant_option(std::string_view option, const std::string& text, const zone& where,
                              wall_time now);

} // namespace cicada::app
