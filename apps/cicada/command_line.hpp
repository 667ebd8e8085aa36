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
    /// Throws CLI::ParseError, also for --help and --version.
    void parse(int argc, const char* const* argv);
    /// The exit status.
    int run(wall_time now, output& out);
    /// What --help prints, for the command that was named.
    std::string help() const;
    /// The command that was named, or the whole.
    std::string name() const;

private:
    CLI::App* add_pattern_command(std::string name, std::string what, pattern_arguments& arguments);
    void add_next();
    void add_explain();
    void add_simulate();
    void add_pressure();
    void add_completion();

    CLI::App app_;
    next_arguments next_;
    pattern_arguments explain_;
    simulate_arguments simulate_;
    pressure_arguments pressure_;
    std::string shell_;
};

} // namespace cicada::app
