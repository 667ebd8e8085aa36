#include <schedule/nearest.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cicada::detail {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1), above(row), before(row); // of i, of i - 1, of i - 2
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(above);
        above.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({change, above[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row.back();
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names) {
    const std::vector<std::string> near = nearest_names(wrong, names);
    return near.empty() ? std::string() : "did you mean " + near.front() + '?';
}

std::string with_names(std::string reason, const std::vector<std::string>& near) {
    if (near.empty()) return reason;
    for (const std::string& one : near)
        reason.append(&one == &near.front() ? "; did you mean \"" : " or \"").append(one + '"');
    return reason + '?';
}

} // namespace cicada::detail

namespace cicada {

namespace {

std::string folded(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == ' ') c = '_';
    }
    return result;
}

} // namespace

std::vector<std::string> nearest_names(std::string_view wrong,
                                       const std::vector<std::string>& names) {
    constexpr std::size_t longest = 64; // no name is as long, and the cost is the product of both
    if (wrong.empty() || wrong.size() > longest) return {};
    const std::string meant = folded(wrong);
    const bool is_whole = meant.find('/') != std::string::npos;
    const std::size_t furthest = 1 + meant.size() / 4;

    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& name : names) {
        const std::string whole = folded(name);
        std::size_t distance = detail::edit_distance(meant, whole);
        if (const std::size_t slash = whole.rfind('/'); !is_whole && slash != std::string::npos) {
            distance = std::min(distance, detail::edit_distance(meant, whole.substr(slash + 1)));
        }
        if (distance <= furthest) near.emplace_back(distance, name);
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> result;
    for (auto& [distance, name] : near) {
        // A name that differs in nothing but case leaves no doubt.
        if (result.size() == 3 || (distance > 0 && near.front().first == 0)) break;
        result.push_back(std::move(name));
    }
    return result;
}

} // namespace cicada
