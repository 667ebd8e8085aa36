#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <cicada/base/export.hpp>

namespace cicada::detail {

/// What an exception says of itself: its what(), or its type.
CICADA_API std::string describe(const std::exception_ptr& error);

/// How a message calls a task: by its name, or by how to give it one.
std::string label_of(std::string_view task);

/// One line: cicada: task 'flush' held the loop for 2 ms.
CICADA_API void print_about(std::string_view task, const char* what) noexcept;

/// One line: cicada: task 'flush' failed: disk full.
void report_to_stderr(std::string_view task, const std::exception_ptr& error) noexcept;

} // namespace cicada::detail
