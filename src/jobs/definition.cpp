#include <jobs/definition.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <cicada/schedule/duration_text.hpp>
#include <cicada/schedule/policy_text.hpp>
#include <cicada/store/errors.hpp>
#include <nlohmann/json.hpp>

#include <jobs/checks.hpp>
#include <jobs/text.hpp>
#include <schedule/name_hash.hpp>
#include <schedule/retries_of.hpp>

namespace cicada::detail {

namespace {

using json = nlohmann::ordered_json;

// ---- values ------------------------------------------------------------------------------------
// Each is written as people write it, and read back from that alone.

template <class T>
using word_table = std::array<std::pair<std::string_view, T>, 2>;
constexpr word_table<on_lost> table_of(on_lost) {
    return {{{"retry", on_lost::retry}, {"fail", on_lost::fail}}};
}
constexpr word_table<when_cut_off> table_of(when_cut_off) {
    return {{{"stop", when_cut_off::stop}, {"carry_on", when_cut_off::carry_on}}};
}
template <class T>
concept has_table = requires(T value) { table_of(value); };

json written(const std::string& text) { return text; }
json written(std::unsigned_integral auto number) { return number; }
json written(double number) { return number; }
json written(duration d) { return format_short_duration(d); }
json written(wall_time t) { return format_instant(t); }
json written(const std::optional<wall_time>& t) { return t ? written(*t) : json(); }
json written(const recurrence& when) { return when.text(); }
json written(const has_words auto& value) { return to_text(value); }
json written(has_table auto value) {
    for (const auto& [word, meant] : table_of(value)) {
        if (meant == value) return word;
    }
    return {};
}
json written(const first& when) {
    using kind = first::kind;
    if (when.which() == kind::immediately) return "immediately";
    if (when.which() == kind::after_period) return "after_period";
    if (when.which() == kind::at_wall) return written(wall_time(when.at()));
    return when.at().count(); // check() refuses it
}

/// What std::invalid_argument says of them goes to who asked for the definition.
void read(const json& in, std::string& text) { text = in.get_ref<const std::string&>(); }
template <std::unsigned_integral T>
void read(const json& in, T& number) {
    const auto wide = in.is_number_unsigned() ? in.get<std::uint64_t>() : 0;
    if (!in.is_number_unsigned() || wide > std::numeric_limits<T>::max())
        throw std::invalid_argument("a whole number is expected there");
    number = static_cast<T>(wide);
}
void read(const json& in, double& number) { number = in.get<double>(); }
std::string_view text_of(const json& in) { return in.get_ref<const std::string&>(); }
void read(const json& in, duration& d) { d = parse_duration(text_of(in)); }
void read(const json& in, std::optional<wall_time>& t) { t = parse_instant(text_of(in)); }
void read(const json& in, recurrence& when) { when = recurrence::parse(text_of(in)); }
template <has_words T>
void read(const json& in, T& value) {
    value = parse<T>(text_of(in));
}
template <has_table T>
void read(const json& in, T& value) {
    for (const auto& [word, meant] : table_of(value)) {
        if (word == text_of(in)) return void(value = meant);
    }
    throw std::invalid_argument("there is no such word");
}
void read(const json& in, first& when) {
    const std::string_view text = text_of(in);
    when = text == "immediately"    ? first::immediately
           : text == "after_period" ? first::after_period
                                    : first(parse_instant(text));
}

// ---- fields ------------------------------------------------------------------------------------

stored_job plain() {
    return {{.name = {}, .when = interval(duration::max()), .kind = {}}, std::nullopt};
}

struct field {
    std::string_view name; // "retry.max": one of an object
    json (*write)(const stored_job& from); // null: as by default
    void (*read)(const json& in, stored_job& to);
};

template <auto Member>
constexpr field field_of(std::string_view name) {
    return {name,
            [](const stored_job& from) {
                static const stored_job none = plain();
                const bool is_plain = Member(from) == Member(none);
                return is_plain ? json() : written(Member(from));
            },
            [](const json& in, stored_job& to) { detail::read(in, Member(to)); }};
}

// All but the name, in the order in which they are written.
constexpr std::array fields = {
    field_of<[](auto& j) -> auto& { return j.of.when; }>("when"),
    field_of<[](auto& j) -> auto& { return j.of.kind; }>("kind"),
    field_of<[](auto& j) -> auto& { return j.of.arguments; }>("arguments"),
    field_of<[](auto& j) -> auto& { return j.of.first; }>("first"),
    field_of<[](auto& j) -> auto& { return j.of.until; }>("until"),
    field_of<[](auto& j) -> auto& { return j.of.times; }>("times"),
    field_of<[](auto& j) -> auto& { return j.of.overlap; }>("overlap"),
    field_of<[](auto& j) -> auto& { return j.of.on_error; }>("on_error"),
    field_of<[](auto& j) -> auto& { return j.of.retry.max; }>("retry.max"),
    field_of<[](auto& j) -> auto& { return j.of.retry.backoff; }>("retry.backoff"),
    field_of<[](auto& j) -> auto& { return j.of.retry.factor; }>("retry.factor"),
    field_of<[](auto& j) -> auto& { return j.of.retry.cap; }>("retry.cap"),
    field_of<[](auto& j) -> auto& { return j.of.retry.jitter; }>("retry.jitter"),
    field_of<[](auto& j) -> auto& { return j.of.catch_up; }>("catch_up"),
    field_of<[](auto& j) -> auto& { return j.of.catch_up_window; }>("catch_up_window"),
    field_of<[](auto& j) -> auto& { return j.of.start_deadline; }>("start_deadline"),
    field_of<[](auto& j) -> auto& { return j.of.jitter; }>("jitter"),
    field_of<[](auto& j) -> auto& { return j.of.failures.in_a_row; }>("failures.in_a_row"),
    field_of<[](auto& j) -> auto& { return j.of.failures.then; }>("failures.then"),
    field_of<[](auto& j) -> auto& { return j.of.on_lost; }>("on_lost"),
    field_of<[](auto& j) -> auto& { return j.of.when_cut_off; }>("when_cut_off"),
    field_of<[](auto& j) -> auto& { return j.of.label; }>("label"),
    field_of<[](auto& j) -> auto& { return j.anchor; }>("anchor")};

const field* find_field(std::string_view name) noexcept {
    for (const field& one : fields) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

/// Of a definition that lies in a store.
class definition_reader {
public:
    definition_reader(stored_job& to, const std::string& place) : to_(to), place_(place) {}

    void read(std::string_view text) {
        const json in = json::parse(text, nullptr, false);
        if (!in.is_object()) corrupt("whose definition is no JSON object");
        read_fields(in, {});
    }
    void need_kind() const {
        if (to_.of.kind.empty()) corrupt("which has no kind");
    }

private:
    void read_fields(const json& in, const std::string& path) {
        for (const auto& [name, value] : in.items()) {
            const std::string full = path + name;
            const field* const one = find_field(full);
            if (!one && value.is_object() && path.empty()) {
                read_fields(value, full + '.');
            } else if (!one) {
                throw store_error(store_fault::too_new, place_,
                                  "holds " + named() + ", which has \"" + full +
                                      "\": this version does not know that",
                                  "a later version wrote it; use that, or apply the job anew");
            } else {
                read_field(*one, value);
            }
        }
    }
    void read_field(const field& one, const json& value) {
        try {
            one.read(value, to_);
        } catch (const json::exception& e) {
            corrupt("whose \"" + std::string(one.name) + "\" is wrong: " + e.what());
        } catch (const std::invalid_argument& e) { // a word or a rule that is not known here
            corrupt("whose \"" + std::string(one.name) + "\" cannot be read: " + e.what());
        }
    }
    [[noreturn]] void corrupt(const std::string& what) const {
        throw store_error(store_fault::corrupt, place_, "holds " + named() + ' ' + what,
                          "apply the job anew, or restore a backup");
    }
    std::string named() const { return "the job \"" + to_.of.name + '"'; }

    stored_job& to_;
    const std::string& place_;
};

// ---- checks ------------------------------------------------------------------------------------

// A run is a commit, which takes a disk some tenths of a millisecond.
constexpr duration least_period = std::chrono::milliseconds(1);

class job_checker {
public:
    job_checker(const job& one, std::string where) : job_(one), where_(std::move(where)) {}

    void check() const {
        check_names();
        check_arguments(job_.arguments, where_);
        check_when();
        check_first();
        check_policies();
    }

private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw std::invalid_argument("cicada: " + where_ + ": " + what);
    }
    void check_names() const {
        if (job_.name.empty())
            throw std::invalid_argument("cicada: a job needs a `name`, which is its identity");
        check_key(job_.name, "name", where_);
        if (job_.kind.empty()) refuse("it needs a `kind`: that of the handler that runs it");
        check_key(job_.kind, "kind", where_);
        check_key(job_.label, "label", where_);
    }
    void check_when() const {
        if (!job_.when.is_calendar()) {
            if (job_.when.as_interval().period() < least_period)
                refuse("a period of " + format_short_duration(job_.when.as_interval().period()) +
                       " is less than " + format_short_duration(least_period) +
                       ": each run is a commit; let the handler itself repeat what is more often");
            return;
        }
        const schedule& when = job_.when.as_calendar();
        if (when.is_event())
            refuse("@reboot is an event, which no store knows: submit() what is to run when the "
                   "program starts");
        const search_result one = when.find_next(wall_time::min());
        if (!one.instant && !one.horizon)
            refuse(when.text() + " names no instant at all; give it a `when` that does");
        const auto two = one.instant ? when.next(*one.instant) : std::nullopt;
        if (two && between(*one.instant, *two) < least_period)
            refuse(
                when.text() + " names instants that are less than " +
                format_short_duration(least_period) +
                " apart: each run is a commit; let the handler itself repeat what is more often");
    }
    void check_first() const {
        if (job_.first.which() == first::kind::at_elapsed)
            refuse("`first` is an instant of elapsed time, which ends with this process; give an "
                   "instant of wall time");
        try {
            rules_of({job_, wall_time(job_.first.at())});
        } catch (const std::invalid_argument& e) {
            refuse("`first` cannot be where an interval begins: " + std::string(e.what()));
        }
    }
    void check_policies() const {
        if (job_.retry.when)
            refuse("`retry.when` is a function, and cannot be stored; let the handler throw "
                   "no_retry where a retry is not worth it");
        if (!(job_.retry.factor >= 1) || std::isinf(job_.retry.factor))
            refuse("`retry.factor` must be at least 1, and no infinity");
        if (job_.retry.cap < job_.retry.backoff)
            refuse("`retry.backoff` of " + format_short_duration(job_.retry.backoff) +
                   " is longer than `retry.cap` of " + format_short_duration(job_.retry.cap) +
                   ", which would cut it; give a `cap` of as much or more");
        check_not_negative(job_.retry.backoff, "retry.backoff", where_);
        check_not_negative(job_.retry.jitter, "retry.jitter", where_);
        check_not_negative(job_.catch_up_window, "catch_up_window", where_);
        check_not_negative(job_.start_deadline, "start_deadline", where_);
        check_not_negative(job_.jitter, "jitter", where_);
        if (job_.jitter > job_.start_deadline)
            refuse("a `start_deadline` shorter than `jitter` would drop what that delays");
        if (job_.catch_up.which() == catch_up::mode::all && job_.catch_up.max() == 0)
            refuse("catch_up::all{0} would run nothing, not even in time; say catch_up::none");
    }

    const job& job_;
    std::string where_;
};

} // namespace

void check(const cicada::job& one) { check(one, "job \"" + one.name + '"'); }

void check(const cicada::job& one, const std::string& where) { job_checker(one, where).check(); }

void check_arguments(std::string_view text, const std::string& where) {
    const auto refuse = [&](const std::string& what) {
        throw std::invalid_argument("cicada: " + where + ": its `arguments` " + what);
    };
    if (text.size() > most_arguments)
        refuse("have " + std::to_string(text.size()) + " bytes; write at most " +
               std::to_string(most_arguments) + ", and keep elsewhere what is large");
    if (const auto at = find_unclean(text))
        refuse("have a NUL, or what is no UTF-8, at byte " + std::to_string(*at) +
               "; write it in UTF-8, or escaped");
    if (json::accept(text)) return;
    try {
        const json parsed = json::parse(text);
    } catch (const json::parse_error& e) {
        const std::size_t at = e.byte > 0 ? e.byte - 1 : 0;
        if (at >= text.size())
            refuse("are no JSON: they end at byte " + std::to_string(at) +
                   ", and more is to come; write {} for none");
        refuse("are no JSON: what is at byte " + std::to_string(at) +
               " does not belong there; write {} for none");
    }
}

std::string to_json(const stored_job& one) {
    json out = json::object();
    for (const field& f : fields) {
        json value = f.write(one);
        if (value.is_null()) continue;
        const std::size_t dot = f.name.find('.');
        if (dot == std::string_view::npos) {
            out[f.name] = std::move(value);
        } else {
            out[f.name.substr(0, dot)][f.name.substr(dot + 1)] = std::move(value);
        }
    }
    return out.dump();
}

stored_job parse_job(std::string_view text, std::string name, const std::string& place) {
    stored_job one = plain();
    one.of.name = std::move(name);
    definition_reader in(one, place);
    in.read(text);
    in.need_kind();
    return one;
}

std::string policies_to_json(const cicada::job& of) {
    stored_job one = plain();
    one.of.retry = of.retry;
    one.of.on_lost = of.on_lost;
    one.of.when_cut_off = of.when_cut_off;
    std::string text = to_json(one);
    return text == "{}" ? std::string() : text;
}

cicada::job parse_policies(std::string_view text, std::string name, const std::string& place) {
    stored_job one = plain();
    one.of.name = std::move(name);
    if (!text.empty()) definition_reader(one, place).read(text);
    return std::move(one.of);
}

policies policies_of(const cicada::job& one) {
    return {.overlap = one.overlap,
            .on_error = one.on_error,
            .retry = retries_of(one.retry),
            .catch_up = one.catch_up,
            .catch_up_window = one.catch_up_window,
            .start_deadline = one.start_deadline,
            .jitter = one.jitter,
            .failures = one.failures};
}

rules rules_of(const stored_job& one) {
    const job& of = one.of;
    rules by{.when = of.when,
             .how = policies_of(of),
             .until = of.until,
             .times = of.times,
             .identity = name_hash(of.name)};
    if (!of.when.is_calendar() && !of.when.is_fixed_delay()) {
        by.from = one.anchor.value_or(wall_time());
        by.when = every_interval(of.when.as_interval().period(), *by.from);
    } else if (of.when.is_calendar() && of.first.which() == first::kind::at_wall) {
        by.from = wall_time(of.first.at());
    }
    return by;
}

} // namespace cicada::detail

namespace cicada {

bool operator==(const job& a, const job& b) {
    using detail::stored_job;
    const stored_job left{a, std::nullopt};
    const stored_job right{b, std::nullopt};
    const auto is_same = [&](const detail::field& f) { return f.write(left) == f.write(right); };
    return a.name == b.name && !a.retry.when == !b.retry.when &&
           std::all_of(detail::fields.begin(), detail::fields.end(), is_same);
}

} // namespace cicada
