#include "sentence.hpp"

#include "phrases.hpp"

namespace cicada::app {

std::string sentence(const cron& rule) {
    if (rule.is_reboot()) return "When the system starts: an event, which no clock can tell.";
    const time_phrase times = phrase_of_times(rule.fields());
    const std::string days = phrase_of_days(rule.fields());
    const bool is_daily = rule.fields().any_day && rule.fields().any_weekday;
    std::string text = times.text;
    if (times.is_a_list && is_daily) text += " every day";
    return text.append(days).append(", in ").append(rule.where().name()).append(".");
}

} // namespace cicada::app
