#include <cicada/schedule/calendar.hpp>

#include <algorithm>

#include <schedule/local_at.hpp>
#include <schedule/refused_rule.hpp>
#include <schedule/write.hpp>

namespace cicada {

namespace {

using namespace std::chrono;

// Of these years all local times, in any zone, are instants that wall_time can hold.
constexpr year first_year{1678};
constexpr year last_year{2261};

std::int64_t months_of(local_days date) {
    const year_month_day ymd(date);
    return std::int64_t{int(ymd.year())} * 12 + unsigned(ymd.month()) - 1;
}

class calendar final : public detail::schedule_rule {
public:
    enum class unit : std::uint8_t { days, weeks, months, years };

    calendar(unit of, int n, local_time anchor, const zone& where, const calendar_options& how)
        : unit_(of), n_(n), anchor_(anchor), anchor_day_(floor<days>(anchor)), zone_(where),
          how_(how) {
        if (n <= 0) {
            throw detail::refused_rule(name() + " needs a number of at least 1, not " +
                                       std::to_string(n));
        }
        const year anchor_year = year_month_day(anchor_day_).year();
        if (anchor_year < first_year || anchor_year > last_year) {
            throw detail::refused_rule("the anchor of " + name() +
                                       " must lie in the years 1678 to 2261");
        }
        last_ = index_at(local_days(last_year / December / 31));
    }

    std::optional<wall_time> next(wall_time after) const override {
        const local_time now = detail::local_at(zone_, after);
        for (std::int64_t k = std::max<std::int64_t>(index_at(floor<days>(now)), 0); k <= last_;
             ++k) {
            const std::optional<local_time> local = local_of(k);
            if (!local) continue;
            const std::optional<wall_time> instant = zone_.to_instant(*local, how_.gap);
            if (instant && *instant > after) return instant;
        }
        return std::nullopt;
    }

    std::optional<wall_time> previous(wall_time before) const override {
        if (before == wall_time::min()) return std::nullopt;
        const local_time now = detail::local_at(zone_, before - duration(1));
        std::int64_t k = std::min(index_at(floor<days>(now)), last_);
        // Where clocks were set back, local times later than `now` have been reached already.
        for (std::int64_t later = std::max<std::int64_t>(k + 1, 0); later <= last_; ++later) {
            const std::optional<local_time> local = local_of(later);
            if (!local) continue;
            if (zone_.to_instant(*local) >= before) break;
            k = later;
        }
        for (; k >= 0; --k) {
            const std::optional<local_time> local = local_of(k);
            if (!local) continue;
            const std::optional<wall_time> instant = zone_.to_instant(*local, how_.gap);
            if (instant && *instant < before) return instant;
        }
        return std::nullopt;
    }

    bool matches(wall_time instant) const override {
        return instant > wall_time::min() && next(instant - duration(1)) == instant;
    }

    std::string text() const override {
        std::string text = name() + '(' + std::to_string(n_) + ", " + detail::in_quotes(anchor_);
        text += detail::zone_argument(zone_);
        if (how_.month_end != month_end::clamp && counts_months())
            text += detail::enumerator_argument("month_end", how_.month_end);
        if (how_.gap != gap::run) text += detail::enumerator_argument("gap", how_.gap);
        return text + ')';
    }

private:
    bool counts_months() const { return unit_ == unit::months || unit_ == unit::years; }
    std::string name() const {
        constexpr const char* names[] = {"every_days", "every_weeks", "every_months",
                                         "every_years"};
        return names[static_cast<std::size_t>(unit_)];
    }
    /// In days, or in months.
    std::int64_t step() const {
        constexpr int lengths[] = {1, 7, 1, 12};
        return std::int64_t{n_} * lengths[static_cast<std::size_t>(unit_)];
    }

    /// The last of the series that comes on `date` or before it, or else in the month of `date`; -1
    /// when there is none.
    std::int64_t index_at(local_days date) const {
        const std::int64_t distance = counts_months() ? months_of(date) - months_of(anchor_day_)
                                                      : (date - anchor_day_).count();
        return distance < 0 ? -1 : distance / step();
    }

    /// The local time of the k-th, k from 0 to last_; none in a month that is skipped.
    std::optional<local_time> local_of(std::int64_t k) const {
        const auto time = anchor_ - anchor_day_;
        if (!counts_months()) return anchor_day_ + days(k * step()) + time;
        const std::int64_t month = months_of(anchor_day_) + k * step();
        year_month_day date = year(int(month / 12)) / std::chrono::month(unsigned(month % 12) + 1) /
                              year_month_day(anchor_day_).day();
        if (!date.ok()) {
            if (how_.month_end == month_end::skip) return std::nullopt;
            date = date.year() / date.month() / last;
        }
        return local_days(date) + time;
    }

    unit unit_;
    int n_;
    local_time anchor_;
    local_days anchor_day_;
    std::int64_t last_ = 0; // the index of the last one before the end of time
    zone zone_;
    calendar_options how_;
};

} // namespace

schedule every_days(int n, const or_text<local_time>& anchor, const or_text<zone>& where,
                    const calendar_options& how) {
    return schedule(new calendar(calendar::unit::days, n, anchor.value(), where.value(), how));
}

schedule every_weeks(int n, const or_text<local_time>& anchor, const or_text<zone>& where,
                     const calendar_options& how) {
    return schedule(new calendar(calendar::unit::weeks, n, anchor.value(), where.value(), how));
}

schedule every_months(int n, const or_text<local_time>& anchor, const or_text<zone>& where,
                      const calendar_options& how) {
    return schedule(new calendar(calendar::unit::months, n, anchor.value(), where.value(), how));
}

schedule every_years(int n, const or_text<local_time>& anchor, const or_text<zone>& where,
                     const calendar_options& how) {
    return schedule(new calendar(calendar::unit::years, n, anchor.value(), where.value(), how));
}

} // namespace cicada
