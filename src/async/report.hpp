#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace cicada::detail {

/// What an exception says of itself: its what(), or its type.
std::string describe(const std::exception_ptr& error);

/// One line: cicada: task 'flush' failed: disk full.
void report_to_stderr(std::string_view task, const std::exception_ptr& error) noexcept;

} // namespace cicada::detail
