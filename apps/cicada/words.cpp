#include "words.hpp"

#include <algorithm>

namespace cicada::app {

std::string listed(const std::vector<std::string>& items, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) text += i + 1 == items.size() ? last : ", ";
        text += items[i];
    }
    return text;
}

std::string ordinal(int n) {
    const bool is_teen = n % 100 >= 11 && n % 100 <= 13;
    const int digit = is_teen ? 0 : n % 10;
    const char* ending = digit == 1 ? "st" : digit == 2 ? "nd" : digit == 3 ? "rd" : "th";
    return std::to_string(n) + ending;
}

std::string grouped(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
    return text;
}

std::string counted(std::uint64_t n, std::string_view what) {
    return grouped(n).append(1, ' ').append(what).append(n == 1 ? "" : "s");
}

std::vector<int> members(std::uint64_t set) {
    std::vector<int> values;
    for (int v = 0; v < 64; ++v) {
        if ((set >> v & 1) != 0) values.push_back(v);
    }
    return values;
}

std::optional<progression> as_progression(const std::vector<int>& values) {
    if (values.size() < 3) return std::nullopt;
    const int step = values[1] - values[0];
    for (std::size_t i = 2; i < values.size(); ++i) {
        if (values[i] - values[i - 1] != step) return std::nullopt;
    }
    return progression{values.front(), values.back(), step};
}

bool are_consecutive(const std::vector<int>& values) {
    return values.back() - values.front() + 1 == static_cast<int>(values.size());
}

std::vector<std::string> fields_of(std::string_view pattern) {
    std::vector<std::string> fields;
    constexpr std::string_view blanks = " \t";
    for (std::size_t at = pattern.find_first_not_of(blanks); at < pattern.size();) {
        const std::size_t end = std::min(pattern.find_first_of(blanks, at), pattern.size());
        fields.emplace_back(pattern.substr(at, end - at));
        at = pattern.find_first_not_of(blanks, end);
    }
    return fields;
}

std::string joined_fields(const std::vector<std::string>& fields) {
    std::string text;
    for (const std::string& field : fields) text.append(text.empty() ? "" : " ").append(field);
    return text;
}

} // namespace cicada::app
