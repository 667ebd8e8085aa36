#pragma once

/// The two halves of a pattern's sentence.

#include <string>

#include <cicada/schedule/cron.hpp>

namespace cicada::app {

struct time_phrase {
    std::string text; // "At 07:00", "Every 15 minutes from 09:00 to 17:45"
    bool is_a_list = false; // of times of a day, so that it needs to be told of which
};
time_phrase phrase_of_times(const cron_fields& f);

/// " from Monday to Friday", " on the 1st of January in 2027"; empty: every day.
std::string phrase_of_days(const cron_fields& f);

} // namespace cicada::app
