#pragma once

/// What is wrong with a pattern, an option or a file, and how it is shown:
///
///     jobs.toml:14:12: error: expected an hour from 0 to 23
///      14 | cron = "30 25 * * *"
///         |            ^~
///         = help: write ...

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada::app {

/// A place in one line of text, in bytes.
struct excerpt {
    std::string line;
    std::size_t offset = 0;
    std::size_t length = 1;
};

struct problem {
    std::string where = {}; // "PATTERN", "--after", "jobs.toml"; may be empty
    std::string what = {};
    std::string help = {};
    std::optional<excerpt> shown = std::nullopt;
    std::size_t line_number = 0; // 0: not of a file
};

/// Of a command's own arguments: the text of `where` could not be read.
problem problem_of(const parse_error& e, std::string_view where, std::string_view text);
problem problem_of(const unknown_zone& e, std::string_view where, std::string_view text);
/// `text` as a whole is wrong, for this reason.
problem problem_of_all(std::string what, std::string_view where, std::string_view text);

/// The lines to print, the last with its line feed.
std::string format(const problem& p, bool has_colours);

/// Ends a command with status 2.
class bad_input : public std::runtime_error {
public:
    explicit bad_input(problem one) : bad_input(std::vector{std::move(one)}) {}
    explicit bad_input(std::vector<problem> all)
        : std::runtime_error(all.front().what), problems_(std::move(all)) {}
    const std::vector<problem>& problems() const noexcept { return problems_; }

private:
    std::vector<problem> problems_;
};

/// Gathers what is wrong with several things, so that all of it is told at once.
class mistakes {
public:
    /// Calls `read`, and keeps the problems of the bad_input that it throws.
    template <class Read>
    void in(Read read) {
        try {
            read();
        } catch (const bad_input& e) {
            all_.insert(all_.end(), e.problems().begin(), e.problems().end());
        }
    }
    /// Throws bad_input if there were any.
    void finish() {
        if (!all_.empty()) throw bad_input(std::move(all_));
    }

private:
    std::vector<problem> all_;
};

} // namespace cicada::app
