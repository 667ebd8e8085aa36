#pragma once

#include <CLI/CLI.hpp>

#include "explain.hpp"
#include "next.hpp"
#include "pressure.hpp"
#include "simulate.hpp"

namespace cicada::app {

/// The command's arguments: CLI11 tells them apart, each command reads its own.
class command_line {
public:
    command_line();

    /// Does what the arguments say, and gives the exit status. Throws bad_input.
    int run(int argc, const char* const* argv, wall_time now, output& out);

private:
    CLI::App* add_pattern_command(const std::string& name, const std::string& what,
                                  pattern_arguments& given);
    void add_next();
    void add_explain();
    void add_simulate();
    void add_pressure();
    void add_completion();
    /// The command that was named, or the whole.
    const CLI::App& named() const;
    [[noreturn]] void refuse(const CLI::ParseError& e) const;
    void refuse_unknown_command(std::string_view word) const;
    std::string completion() const;

    CLI::App app_;
    next_arguments next_;
    pattern_arguments explain_;
    simulate_arguments simulate_;
    pressure_arguments pressure_;
    std::string shell_;
};

} // namespace cicada::app
