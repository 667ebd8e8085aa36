// Expressions of schedules, as docs/calendars.md has their grammar, by recursive descent.

#include <algorithm>
#include <limits>
#include <vector>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/policy_text.hpp>

#include <schedule/expression_reader.hpp>
#include <schedule/nearest.hpp>
#include <schedule/refused_rule.hpp>

namespace cicada {

namespace {

using std::chrono::weekday;
using std::chrono::year_month_day;

/// What cron_options and calendar_options have between them.
struct options {
    cicada::gap gap = gap::run;
    cicada::month_end month_end = month_end::clamp;
    cicada::dialect dialect = dialect::ocps;
    std::string_view name = {};
};

class parser {
public:
    explicit parser(std::string_view text) : in_(text) {}

    schedule whole() {
        schedule read = expression();
        if (!in_.at_end()) in_.fail(in_.offset(), "the end");
        return read;
    }

private:
    enum class function_kind : std::uint8_t { cron, calendar };
    using token = detail::expression_reader::token;
    template <class T>
    struct entry {
        std::string_view name;
        T (parser::*read)();
    };
    static const entry<schedule> functions[12];
    static const entry<time_filter> filters[3];

    template <class T, std::size_t N>
    static const entry<T>* find(const entry<T> (&table)[N], std::string_view name) {
        const auto found = std::find_if(std::begin(table), std::end(table),
                                        [=](const entry<T>& e) { return e.name == name; });
        return found == std::end(table) ? nullptr : found;
    }

    schedule expression() {
        constexpr int deepest = 256; // what the stack has room for, also that of a small thread
        if (depth_ == deepest) in_.fail(in_.offset(), "at most 256 expressions within each other");
        ++depth_;
        const token name = in_.word();
        const entry<schedule>* function = find(functions, name.text);
        if (!function) refuse(name);
        schedule read = arguments(name, *function);
        --depth_;
        return read;
    }

    [[noreturn]] void refuse(const token& name) const {
        if (find(filters, name.text)) {
            in_.fail(name.offset, "a schedule",
                     std::string(name.text) + " is what except(schedule, ...) takes away from one");
        }
        std::vector<std::string> names;
        for (const entry<schedule>& e : functions) names.emplace_back(e.name);
        for (const entry<time_filter>& e : filters) names.emplace_back(e.name);
        in_.fail(name.offset, "a schedule such as cron(\"0 7 * * *\", \"Europe/Berlin\")",
                 detail::did_you_mean(name.text, names));
    }

    template <class T>
    T arguments(const token& name, const entry<T>& function) {
        in_.expect('(');
        // What is wrong about the arguments together is found when the schedule is made: tell where
        // that is.
        try {
            T read = (this->*function.read)();
            in_.expect(')');
            return read;
        } catch (const detail::refused_rule& e) {
            in_.fail(name.offset, "other arguments", e.reason());
        }
    }

    /// Calls `make`, which reads `text`; turns what it throws into errors of the whole text.
    template <class Make>
    auto translated(const token& text, Make make) -> decltype(make()) {
        try {
            return make();
        } catch (const parse_error& e) {
            in_.fail(e, text.offset);
        } catch (const unknown_zone& e) {
            in_.fail(text.offset, "a time zone", detail::with_names(e.reason(), e.suggestions()));
        }
    }

    template <class T>
    T value() {
        const token text = in_.string();
        return translated(text, [&] { return detail::from_text<T>(text.text); });
    }

    // ---- functions: from behind the '(' up to the ')' -------------------------------------------

    schedule read_cron() {
        const token pattern = in_.string();
        const zone where = optional_zone();
        const options how = optional_options(function_kind::cron);
        return translated(pattern, [&] {
            return cron(pattern.text, where,
                        {.gap = how.gap, .dialect = how.dialect, .name = how.name});
        });
    }

    template <schedule (*Make)(int, const or_text<local_time>&, const or_text<zone>&,
                               const calendar_options&)>
    schedule read_calendar() {
        const auto n =
            static_cast<int>(in_.number(1, std::uint32_t{std::numeric_limits<int>::max()}));
        in_.expect(',');
        const local_time anchor = value<local_time>();
        const zone where = optional_zone();
        const options how = optional_options(function_kind::calendar);
        return Make(n, anchor, where, {.month_end = how.month_end, .gap = how.gap});
    }

    schedule read_interval() {
        const duration period = value<duration>();
        const wall_time anchor = in_.take(',') ? value<wall_time>() : wall_time();
        return every_interval(period, anchor);
    }

    schedule read_once() { return once(value<wall_time>()); }

    template <schedule (*Make)(std::vector<schedule>)>
    schedule read_combination() {
        std::vector<schedule> rules;
        do {
            rules.push_back(expression());
        } while (in_.take(','));
        return Make(std::move(rules));
    }

    schedule read_except() {
        schedule base = expression();
        in_.expect(',');
        const token name = in_.peek_word();
        const entry<time_filter>* filter = find(filters, name.text);
        if (!filter) return except(base, expression());
        in_.word();
        return except(base, arguments(name, *filter));
    }

    template <schedule (*Make)(schedule, const or_text<wall_time>&)>
    schedule read_window() {
        schedule base = expression();
        in_.expect(',');
        return Make(base, value<wall_time>());
    }

    time_filter read_dates() {
        std::vector<or_text<year_month_day>> dates;
        read_list([&] { dates.emplace_back(value<year_month_day>()); });
        return on_dates(dates, optional_zone());
    }

    time_filter read_weekdays() {
        std::vector<weekday> days;
        read_list([&] { days.push_back(read_weekday()); });
        return on_weekdays(days, optional_zone());
    }

    time_filter read_daily() {
        const time_of_day begin = value<time_of_day>();
        in_.expect(',');
        const time_of_day end = value<time_of_day>();
        return daily_between(begin, end, optional_zone());
    }

    // ---- arguments that several functions have --------------------------------------------------

    template <class Item>
    void read_list(Item item) {
        in_.expect('{');
        do {
            item();
        } while (in_.take(','));
        in_.expect('}');
    }

    weekday read_weekday() {
        constexpr std::string_view names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};
        const token name = in_.word();
        const auto* const found = std::find(std::begin(names), std::end(names), name.text);
        if (found == std::end(names)) in_.fail(name.offset, "a weekday, such as Monday");
        return weekday(static_cast<unsigned>(found - names));
    }

    zone optional_zone() {
        detail::expression_reader ahead = in_;
        if (!ahead.take(',') || !ahead.is_next('"')) return {};
        in_ = ahead;
        return value<zone>();
    }

    /// `, month_end::skip, gap::skip`, or as in C++
    /// `, {.month_end = month_end::skip, .gap = gap::skip}`.
    options optional_options(function_kind of) {
        options how;
        while (in_.take(',')) {
            if (in_.is_next('{')) {
                read_list([&] { read_designated(how, of); });
            } else {
                read_enumerator(how, of);
            }
        }
        return how;
    }

    void read_designated(options& how, function_kind of) {
        in_.expect('.');
        const token name = in_.word();
        in_.expect('=');
        if (of == function_kind::cron && name.text == "name") {
            how.name = in_.string().text;
            return;
        }
        if (!in_.peek_word().text.starts_with(std::string(name.text) + "::")) {
            in_.fail(name.offset, "an option and its value, such as .gap = gap::skip");
        }
        read_enumerator(how, of);
    }

    void read_enumerator(options& how, function_kind of) {
        const token given = in_.word();
        const auto is_read = [&]<class E>(std::string_view type, E& into) {
            if (!given.text.starts_with(type)) return false;
            const token value{given.text.substr(type.size()), given.offset + type.size()};
            into = translated(value, [&] { return cicada::parse<E>(value.text); });
            return true;
        };
        const bool is_of_cron = of == function_kind::cron;
        if (is_read("gap::", how.gap)) return;
        if (is_of_cron && is_read("dialect::", how.dialect)) return;
        if (!is_of_cron && is_read("month_end::", how.month_end)) return;
        in_.fail(given.offset, is_of_cron ? "a zone in quotes, gap::skip or dialect::quartz"
                                          : "a zone in quotes, month_end::skip or gap::skip");
    }

    detail::expression_reader in_;
    int depth_ = 0;
};

const parser::entry<schedule> parser::functions[12] = {
    {"cron", &parser::read_cron},
    {"every_days", &parser::read_calendar<every_days>},
    {"every_weeks", &parser::read_calendar<every_weeks>},
    {"every_months", &parser::read_calendar<every_months>},
    {"every_years", &parser::read_calendar<every_years>},
    {"every_interval", &parser::read_interval},
    {"once", &parser::read_once},
    {"any_of", &parser::read_combination<any_of>},
    {"all_of", &parser::read_combination<all_of>},
    {"except", &parser::read_except},
    {"starting", &parser::read_window<starting>},
    {"until", &parser::read_window<until>},
};

const parser::entry<time_filter> parser::filters[3] = {
    {"on_dates", &parser::read_dates},
    {"on_weekdays", &parser::read_weekdays},
    {"daily_between", &parser::read_daily},
};

/// A call is a word and a '('. Of patterns only those that begin with a hash look like it:
/// `H(0-29) * * * *`.
bool is_call(std::string_view text) {
    detail::expression_reader in(text);
    const std::string_view word = in.word().text;
    return !word.empty() && word != "H" && in.is_next('(');
}

} // namespace

schedule schedule::parse(std::string_view text) {
    if (detail::expression_reader(text).at_end()) {
        throw parse_error(text, 0, "a cron pattern, or a schedule such as every_days(...)");
    }
    if (is_call(text)) return parser(text).whole();
    return cron(text);
}

} // namespace cicada
