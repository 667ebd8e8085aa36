#include "spread.hpp"

#include "words.hpp"

namespace cicada::app {

namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Empty: it is not one that H can take the place of.
std::string hashed_minute(std::string_view field) {
    if (is_digits(field)) return "H";
    if (field.starts_with("*/") && is_digits(field.substr(2)))
        return 'H' + std::string(field.substr(1));
    return {};
}

std::optional<cron> spread(const cron& pattern, const std::string& name) {
    if (detail::dialect_of(pattern.fields()) != dialect::ocps) return std::nullopt;
    std::vector<std::string> fields = fields_of(pattern.pattern());
    std::string& minute = fields[fields.size() > 5 ? 1 : 0];
    const std::string hashed = hashed_minute(minute);
    if (hashed.empty()) return std::nullopt;
    minute = hashed;
    return cron(joined_fields(fields), pattern.where(), {.gap = pattern.in_gap(), .name = name});
}

} // namespace

std::vector<planned_schedule> spread(const schedule_file& file) {
    std::vector<planned_schedule> all = file.schedules;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].when.is_calendar()) {
            const interval& every = all[i].when.as_interval();
            all[i].jitter = every.period();
        } else if (file.patterns[i]) {
            if (const auto apart = spread(*file.patterns[i], all[i].name)) all[i].when = *apart;
        }
    }
    return all;
}

} // namespace cicada::app
