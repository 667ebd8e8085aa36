#pragma once

/// The words of lists, numbers and sets.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::app {

/// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& items, std::string_view last = " and ");
/// "1st", "2nd", "11th"
std::string ordinal(int n);
/// "1 run", "2 runs", "1,440 runs"
std::string counted(std::uint64_t n, std::string_view what);
/// With commas: "86,400"
std::string grouped(std::uint64_t n);

/// The bits that are set, ascending.
std::vector<int> members(std::uint64_t set);

/// At least three values at equal distances.
struct progression {
    int first;
    int last;
    int step;
};
std::optional<progression> as_progression(const std::vector<int>& values);
/// Of one value or more, ascending: none between them is left out.
bool are_consecutive(const std::vector<int>& values);

/// The pattern's fields as they are separated by blanks.
std::vector<std::string> fields_of(std::string_view pattern);
std::string joined_fields(const std::vector<std::string>& fields);

} // namespace cicada::app
