#include <cicada/schedule/cron.hpp>

#include <algorithm>
#include <bit>

#include <schedule/cron_pattern.hpp>
#include <schedule/cron_search.hpp>
#include <schedule/write.hpp>

// Within a stretch of a zone local time is UTC plus a constant, and the search is civil arithmetic.
// What happens between two stretches follows from two definitions:
//
//   repeating   the instants t whose local time matches
//   fixed       for each matching local time m the first instant at which the local time is m or
//               leaps over it. That grows with m, so what comes after t are the m beyond the
//               highest local time that t and all before it had.

namespace cicada {

namespace {

using namespace std::chrono;

/// No two offsets from UTC lie further apart: RFC 8536 has them between -25 and +26 hours.
constexpr hours most_apart{51};
/// Outside of these no zone's local time is in the years of a pattern.
constexpr sys_seconds earliest = sys_days(year(cron_fields::first_year) / January / 1) - most_apart;
constexpr sys_seconds latest = sys_days(year(cron_fields::last_year) / December / 31) + most_apart;

/// A zone's stretch in whole seconds; the ends of time become far away.
struct stretch {
    sys_seconds from;
    sys_seconds until;
    seconds offset;

    stretch(const zone& where, sys_seconds t) noexcept : stretch(where.at(t)) {}
    explicit stretch(const zone::stretch& s) noexcept
        : from(floor<seconds>(s.from)), until(floor<seconds>(s.until)), offset(s.offset) {}

    local_seconds local(sys_seconds t) const noexcept {
        return local_seconds(t.time_since_epoch() + offset);
    }
    sys_seconds instant(local_seconds local) const noexcept {
        return sys_seconds(local.time_since_epoch() - offset);
    }
};

/// The highest local time up to `t`, which `s` holds: higher than that of `t` in the second pass of
/// an overlap.
local_seconds highest_local(const zone& where, const stretch& s, sys_seconds t) noexcept {
    local_seconds highest = s.local(t);
    for (sys_seconds from = s.from; from > t - most_apart;) {
        const sys_seconds end = from - seconds(1);
        const stretch before(where, end);
        highest = std::max(highest, before.local(end));
        from = before.from;
    }
    return highest;
}

/// When a matching local time of a fixed pattern comes; none: it is leapt over, and dropped.
std::optional<sys_seconds> first_instant(const zone& where, local_seconds local,
                                         gap in_gap) noexcept {
    const auto instant = where.to_instant(local, gap::run);
    if (in_gap == gap::skip && where.to_local(*instant) != local) return std::nullopt;
    return floor<seconds>(*instant);
}

std::optional<sys_seconds> next_fixed(const cron_fields& fields, const zone& where, gap in_gap,
                                      sys_seconds after) noexcept {
    const stretch here(where, after);
    local_seconds past = highest_local(where, here, after);
    for (;;) {
        const auto local = detail::first_match(fields, past + seconds(1));
        if (!local) return std::nullopt;
        const sys_seconds instant = here.instant(*local);
        if (instant < here.until) return instant;
        if (const auto there = first_instant(where, *local, in_gap)) return there;
        past = *local;
    }
}

std::optional<sys_seconds> previous_fixed(const cron_fields& fields, const zone& where, gap in_gap,
                                          sys_seconds upto) noexcept {
    const stretch here(where, upto);
    local_seconds open = highest_local(where, here, upto);
    for (;;) {
        const auto local = detail::last_match(fields, open);
        if (!local) return std::nullopt;
        const sys_seconds instant = here.instant(*local);
        if (instant - most_apart > here.from) return instant; // no overlap reaches as far
        if (const auto there = first_instant(where, *local, in_gap)) return there;
        open = *local - seconds(1);
    }
}

std::optional<sys_seconds> next_repeating(const cron_fields& fields, const zone& where,
                                          sys_seconds from) noexcept {
    for (;;) {
        const stretch here(where, from);
        const auto local = detail::first_match(fields, here.local(from));
        if (local && here.instant(*local) < here.until) return here.instant(*local);
        // Stretches from here to that match hold none, except that the next ones may repeat what
        // has been.
        if (here.until > latest) return std::nullopt;
        const bool may_repeat = here.until <= from + most_apart;
        if (!local && !may_repeat) return std::nullopt;
        from = may_repeat ? here.until : std::max(here.until, here.instant(*local) - most_apart);
    }
}

std::optional<sys_seconds> previous_repeating(const cron_fields& fields, const zone& where,
                                              sys_seconds upto) noexcept {
    for (;;) {
        const stretch here(where, upto);
        const auto local = detail::last_match(fields, here.local(upto));
        if (local && here.instant(*local) >= here.from) return here.instant(*local);
        if (here.from < earliest) return std::nullopt;
        const bool may_repeat = here.from >= upto - most_apart;
        if (!local && !may_repeat) return std::nullopt;
        const sys_seconds before = here.from - seconds(1);
        upto = may_repeat ? before : std::min(before, here.instant(*local) + most_apart);
    }
}

std::optional<wall_time> to_wall(std::optional<sys_seconds> t) noexcept {
    if (!t) return std::nullopt;
    return wall_time(*t);
}

/// Bit `from`, and each `step` further, below `end`.
std::uint64_t steps(int from, int step, int end) noexcept {
    std::uint64_t set = 0;
    for (; from < end; from += step) set |= std::uint64_t{1} << from;
    return set;
}

/// See cron::hashed.
std::uint64_t hashed_set(std::uint64_t set, detail::cron_part part,
                         std::string_view name) noexcept {
    const int size = detail::range_of(part).most + 1;
    int step = size; // of one value
    if (!std::has_single_bit(set)) {
        step = std::countr_zero(set & (set - 1)); // the second one, if the first is 0
        if (step >= size || set != steps(0, step, size)) return set;
    }
    const std::uint64_t hash = detail::cron_hash(name, part);
    return steps(static_cast<int>(hash % static_cast<std::uint64_t>(step)), step, size);
}

} // namespace

cron::cron(std::string_view pattern, std::string_view zone_name, const cron_options& how)
    : cron(pattern, cicada::zone(zone_name), how) {}
cron::cron(std::string_view pattern, cicada::zone where, const cron_options& how)
    : fields_(detail::parse_cron(pattern, how.dialect, how.name)), zone_(where) {
    fields_.skips_gaps = how.gap == gap::skip;
}

std::optional<wall_time> cron::next(wall_time after) const noexcept {
    const sys_seconds from = std::max(floor<seconds>(after), earliest);
    if (from > latest) return std::nullopt;
    return to_wall(is_repeating() ? next_repeating(fields_, zone_, from + seconds(1))
                                  : next_fixed(fields_, zone_, in_gap(), from));
}

std::optional<wall_time> cron::previous(wall_time before) const noexcept {
    const sys_seconds upto = std::min(ceil<seconds>(before) - seconds(1), latest);
    if (upto < earliest) return std::nullopt;
    return to_wall(is_repeating() ? previous_repeating(fields_, zone_, upto)
                                  : previous_fixed(fields_, zone_, in_gap(), upto));
}

bool cron::matches(wall_time instant) const noexcept {
    if (instant < earliest) return false;
    return next(instant - duration(1)) == instant;
}

cron cron::in(cicada::zone other) const noexcept {
    cron made = *this;
    made.zone_ = other;
    return made;
}

cron cron::hashed(cron_field which, std::string_view name) const noexcept {
    using detail::cron_part;
    cron made = *this;
    cron_fields& f = made.fields_;
    switch (which) {
    case cron_field::second:
        f.seconds = hashed_set(f.seconds, cron_part::second, name);
        break;
    case cron_field::minute:
        f.minutes = hashed_set(f.minutes, cron_part::minute, name);
        break;
    case cron_field::hour:
        f.hours = static_cast<std::uint32_t>(hashed_set(f.hours, cron_part::hour, name));
        break;
    }
    return made;
}

std::string cron::pattern() const { return detail::format_cron(fields_); }

dialect cron::written_in() const noexcept { return detail::dialect_of(fields_); }

std::string cron::text() const {
    std::string text = "cron(" + detail::in_quotes(pattern()) + detail::zone_argument(zone_);
    if (in_gap() != gap::run) text += detail::enumerator_argument("gap", in_gap());
    if (const dialect language = written_in(); language != dialect::ocps)
        text += detail::enumerator_argument("dialect", language);
    return text + ')';
}

} // namespace cicada
