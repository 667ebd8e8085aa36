#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace cicada::detail {

/// What was given makes no rule. Users see a std::invalid_argument; the reason is for who tells of
/// it where the text of the rule stands.
class refused_rule final : public std::invalid_argument {
public:
    explicit refused_rule(std::string reason)
        : std::invalid_argument("cicada: " + reason), reason_(std::move(reason)) {}
    const std::string& reason() const noexcept { return reason_; }

private:
    std::string reason_;
};

} // namespace cicada::detail
