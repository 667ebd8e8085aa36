#pragma once

#include <string>

namespace cicada::detail {

/// The machine's name and the process: "host7:4711".
std::string process_name();

} // namespace cicada::detail
