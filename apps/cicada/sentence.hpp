#pragma once

#include <string>

#include <cicada/schedule/cron.hpp>

namespace cicada::app {

/// A pattern in one English sentence: "At 07:00 from Monday to Friday, in Europe/Berlin."
std::string sentence(const cron& rule);

} // namespace cicada::app
