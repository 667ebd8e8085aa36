#pragma once

/// What a loop lists, a line each: "name: what it waits for".

#include <string>
#include <vector>

#include <cicada/loop/loop.hpp>
#include <cicada/loop/snapshot.hpp>

namespace support {

inline std::vector<std::string> listed(const cicada::loop& l) {
    const cicada::loop_snapshot all = l.snapshot();
    std::vector<std::string> lines;
    for (const auto& one : all.tasks) lines.push_back(one.name + ": " + one.waits_for);
    for (const auto& one : all.periodics) lines.push_back(one.name + ": " + one.waits_for);
    return lines;
}

} // namespace support
