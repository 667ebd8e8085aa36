#include "pattern_arguments.hpp"

#include <algorithm>
#include <cstdlib>

#include "instants.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

/// What `parse` makes of the text of an option.
template <class Parse>
auto read_option(std::string_view option, std::string_view text, Parse parse)
    -> decltype(parse(text)) {
    try {
        return parse(text);
    } catch (const parse_error& e) {
        throw bad_input(problem_of(e, option, text));
    }
}

/// Whether a pattern can have such a field; file names, which a shell makes of a bare `*`, mostly
/// are none.
bool is_like_a_field(std::string_view word) {
    constexpr std::string_view chars = "0123456789*/,-?#+()LWH";
    const bool is_name =
        word.size() >= 3 && word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ-,") == word.npos;
    return !word.empty() && (is_name || word.find_first_not_of(chars) == word.npos);
}

} // namespace

problem problem_of_words(const std::vector<std::string>& words) {
    const bool is_whole = std::all_of(words.begin(), words.end(), is_like_a_field);
    return {.where = "PATTERN",
            .what = "expected one argument, found " + std::to_string(words.size()),
            .help = is_whole ? "quote the pattern: '" + joined_fields(words) + "'"
                             : "quote the pattern, or the shell replaces * by the names of files: "
                               "'0 7 * * MON-FRI'"};
}

zone read_zone(std::string_view name) {
    if (name.empty()) {
        try {
            return zone::local();
        } catch (const unknown_zone& e) {
            const char* text = std::getenv("TZ");
            throw bad_input(problem_of(e, "the environment variable TZ", text ? text : ""));
        }
    }
    try {
        return zone(name);
    } catch (const unknown_zone& e) {
        throw bad_input(problem_of(e, "--tz", name));
    }
}

wall_time read_instant_option(std::string_view option, const std::string& text, const zone& where,
                              wall_time now) {
    return read_option(option, text,
                       [&](std::string_view said) { return read_instant(said, where, now); });
}

asked_pattern read(const pattern_arguments& given, wall_time now) {
    const std::string& pattern = given.pattern;
    zone where;
    cron_options how{.name = given.name};
    wall_time after = now;
    std::optional<cron> rule;
    mistakes found;
    found.in([&] { where = read_zone(given.zone); });
    found.in([&] { how.gap = read_option("--gap", given.gap, parse<gap>); });
    found.in([&] { how.dialect = read_option("--dialect", given.dialect, parse<dialect>); });
    found.in([&] { after = read_instant_option("--after", given.after, where, now); });
    found.in([&] {
        rule = read_option("PATTERN", pattern,
                           [&](std::string_view text) { return cron(text, where, how); });
    });
    found.finish();
    return {*rule, pattern, now, after};
}

} // namespace cicada::app
