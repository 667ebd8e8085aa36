#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

namespace cicada::app {

/// A script for "bash", "zsh" or "fish", made from the commands and options that there are. Throws
/// bad_input for another shell.
std::string completion_script(const CLI::App& whole, std::string_view shell);

} // namespace cicada::app
