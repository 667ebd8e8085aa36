#include <cicada/schedule/recurrence.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <cicada/schedule/duration_text.hpp>

#include <schedule/expression_reader.hpp>
#include <schedule/nearest.hpp>

namespace cicada {

namespace {

constexpr std::pair<std::string_view, interval::kind> interval_words[] = {
    {"every", interval::kind::fixed_rate}, {"fixed_delay", interval::kind::fixed_delay}};

constexpr std::string_view blanks = " \t\r\n";

/// Of `text`, from `offset` on, but for blanks at its end.
interval read_interval(std::string_view text, std::size_t offset, interval::kind kind) {
    const std::size_t end = std::max(text.find_last_not_of(blanks) + 1, offset);
    duration period{};
    try {
        period = parse_duration(text.substr(offset, end - offset));
    } catch (const parse_error& e) {
        throw parse_error(e, text, offset);
    }
    if (period == duration::zero()) throw parse_error(text, offset, "a duration greater than zero");
    return {period, kind};
}

/// Whether a word of an interval is meant by the first one of `text`; empty: none.
std::string meant_interval(std::string_view text) {
    const std::size_t start = std::min(text.find_first_not_of(blanks), text.size());
    const std::string_view first =
        text.substr(start, text.find_first_of(" \t\r\n(", start) - start);
    std::vector<std::string> names;
    for (const auto& [name, kind] : interval_words) names.emplace_back(name);
    return detail::did_you_mean(first, names);
}

} // namespace

recurrence recurrence::parse(std::string_view text) {
    detail::expression_reader in(text);
    if (in.at_end())
        throw parse_error(text, 0,
                          "every 15m, a cron pattern, or a schedule such as every_days(...)");
    const std::string_view word = in.word().text;
    for (const auto& [name, kind] : interval_words) {
        if (word == name) return read_interval(text, in.offset(), kind);
    }
    try {
        return schedule::parse(text);
    } catch (const parse_error&) {
        if (std::string meant = meant_interval(text); !meant.empty())
            throw parse_error(text, text.find_first_not_of(blanks), "every 15m, or a schedule",
                              std::move(meant));
        throw;
    }
}

std::string recurrence::text() const {
    if (calendar_) return calendar_->text();
    for (const auto& [name, kind] : interval_words) {
        if (kind == interval_.which())
            return std::string(name) + ' ' + format_short_duration(interval_.period());
    }
    return {};
}

} // namespace cicada
