#pragma once

#include <algorithm>
#include <compare>
#include <string_view>
#include <vector>

#include <store/rows.hpp>

namespace cicada::detail {

/// Runs that are claimed in the order of their time.
struct queue {
    std::string_view kind;
    std::string_view label;
    friend auto operator<=>(const queue&, const queue&) = default;
};

/// Those of a claim, which outlives them, each once.
inline std::vector<queue> queues_of(const claim& by) {
    std::vector<queue> all;
    for (const std::string& kind : by.kinds) {
        all.push_back({kind, ""});
        for (const std::string& label : by.labels) all.push_back({kind, label});
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace cicada::detail
