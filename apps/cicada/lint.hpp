#pragma once

/// What a pattern says that its author may not have meant.

#include <string>
#include <string_view>
#include <vector>

#include <cicada/schedule/cron.hpp>

namespace cicada::app {

struct remark {
    enum class level : unsigned char { warning, hint };
    level how_bad;
    std::string text;
};

/// `pattern` is the text of `rule`, for the rewrites.
std::vector<remark> lint(const cron& rule, std::string_view pattern, wall_time now);

} // namespace cicada::app
