#pragma once

/// schedule: any rule of instants, as one value.
///
///     cicada::schedule s = cicada::cron("0 7 * * MON-FRI", "Europe/Berlin");
///     s = cicada::except(s, cicada::on_dates({2026y/December/24}, "Europe/Berlin"));
///     for (cicada::wall_time t : s.between(from, until)) ...
///
/// A rule is pure: it reads no clock. Besides cron there are those of calendar.hpp (every n days,
/// weeks, months, years at a local time; one instant) and combine.hpp (any_of, all_of, except,
/// windows).
///
/// Threads: a value; const functions from any thread.
/// Cost:    one pointer, and a reference count that copies change.

#include <concepts>
#include <iterator>
#include <optional>
#include <utility>

#include <cicada/base/pool.hpp>
#include <cicada/base/rfc3339.hpp>

namespace cicada {

/// An instant that a rule names, or would name if it were not for an exception to it.
struct candidate {
    wall_time instant;
    bool is_excluded = false;
};

/// The answer of a search for the next instant. Neither instant nor horizon: never again.
struct search_result {
    std::optional<wall_time> instant = std::nullopt;
    /// None was found in (after, horizon], and the search was given up: look on from there. Only
    /// without an instant, and always later than `after`.
    std::optional<wall_time> horizon = std::nullopt;
    /// Of a candidate.
    bool is_excluded = false;
};

namespace detail {

enum class sought : std::uint8_t { instants, candidates };

/// The seam for kinds of schedules. Immutable, and shared by the schedules that are copies of each
/// other.
class CICADA_API schedule_rule : public pooled {
public:
    schedule_rule() = default;
    schedule_rule(const schedule_rule&) = delete;
    schedule_rule& operator=(const schedule_rule&) = delete;
    virtual ~schedule_rule();
    virtual std::optional<wall_time> next(wall_time after) const = 0;
    virtual std::optional<wall_time> previous(wall_time before) const = 0;
    virtual bool matches(wall_time instant) const = 0;
    /// As next, but tells "gave up" from "never", and, of candidates, also the instants that an
    /// exception takes away. A rule that always finds what there is has next alone.
    virtual search_result find(wall_time after, sought what) const;
    virtual bool is_event() const noexcept { return false; }
    /// The expression of schedule::text().
    virtual std::string text() const = 0;

    void add_holder() const noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
    void release() const noexcept {
        if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

private:
    mutable std::atomic<std::uint32_t> holders_{1};
};

} // namespace detail

/// What can be made a schedule: cron, and everything of calendar.hpp.
template <class R>
concept instant_rule = requires(const R& rule, wall_time t) {
    { rule.next(t) } -> std::same_as<std::optional<wall_time>>;
    { rule.previous(t) } -> std::same_as<std::optional<wall_time>>;
    { rule.matches(t) } -> std::same_as<bool>;
    { rule.text() } -> std::same_as<std::string>;
};

class CICADA_API schedule {
public:
    template <instant_rule R>
    schedule(R rule) : rule_(new holder<R>(std::move(rule))) {}
    /// Takes over the one reference that a new rule comes with.
    explicit schedule(const detail::schedule_rule* rule) noexcept : rule_(rule) {}
    schedule(const schedule& other) noexcept : rule_(other.rule_) { rule_->add_holder(); }
    schedule& operator=(schedule other) noexcept {
        std::swap(rule_, other.rule_);
        return *this;
    }
    ~schedule() { rule_->release(); }

    /// Reads what text() writes, with expressions up to 256 deep within each other, and also a bare
    /// cron pattern (in UTC). Throws parse_error, whose offset is one in `text`.
    static schedule parse(std::string_view text);

    /// The first instant strictly after `after`. None: there is no further one, or the search for
    /// it was given up (see combine.hpp), which find_next tells.
    std::optional<wall_time> next(wall_time after) const { return rule_->next(after); }
    /// As next, but "gave up" and "never" are two answers. To follow the horizons misses nothing:
    ///
    ///     auto found = s.find_next(after);
    ///     while (found.horizon) found = s.find_next(*found.horizon);
    search_result find_next(wall_time after) const {
        return rule_->find(after, detail::sought::instants);
    }
    /// The last instant strictly before `before`. None: there is no earlier one, or the search for
    /// it was given up.
    std::optional<wall_time> previous(wall_time before) const { return rule_->previous(before); }
    bool matches(wall_time instant) const { return rule_->matches(instant); }
    /// Whether it is cron's `@reboot`, which has no instants.
    bool is_event() const noexcept { return rule_->is_event(); }
    /// As find_next and next, but also of the instants that an exception takes away.
    search_result find_next_candidate(wall_time after) const {
        return rule_->find(after, detail::sought::candidates);
    }
    std::optional<candidate> next_candidate(wall_time after) const;

    class window;
    /// The instants from `from` on and before `until`, in order, also beyond where a search for one
    /// is given up: a thousand times, then it throws cicada::error.
    window between(wall_time from, wall_time until) const;

    /// The canonical form: an expression as one writes it in C++,
    /// `cron("0 7 * * 1-5", "Europe/Berlin")`. It parses back to an equal schedule.
    std::string text() const { return rule_->text(); }
    /// Equal by what they say: the same canonical form.
    bool operator==(const schedule& other) const;

private:
    template <class R>
    class holder final : public detail::schedule_rule {
    public:
        explicit holder(R rule) : rule_(std::move(rule)) {}
        std::optional<wall_time> next(wall_time after) const override { return rule_.next(after); }
        std::optional<wall_time> previous(wall_time before) const override {
            return rule_.previous(before);
        }
        bool matches(wall_time instant) const override { return rule_.matches(instant); }
        search_result find(wall_time after, detail::sought what) const override {
            if constexpr (requires { rule_.next_candidate(after); }) {
                if (what == detail::sought::candidates) {
                    const std::optional<candidate> c = rule_.next_candidate(after);
                    if (!c) return {};
                    return {.instant = c->instant, .is_excluded = c->is_excluded};
                }
            }
            return {.instant = rule_.next(after)};
        }
        bool is_event() const noexcept override {
            if constexpr (requires { rule_.is_reboot(); }) return rule_.is_reboot();
            return false;
        }
        std::string text() const override { return rule_.text(); }

    private:
        R rule_;
    };

    const detail::schedule_rule* rule_; // never null
};

/// A schedule was given to follow that names no instant after `after()`. (A search that was given
/// up is not the reason: then there may be one.)
class CICADA_API never_error final : public std::invalid_argument {
public:
    never_error(const std::string& what, schedule rule, wall_time after);
    const schedule& rule() const noexcept { return rule_; }
    wall_time after() const noexcept { return after_; }

private:
    schedule rule_;
    wall_time after_;
};

/// A range: `for (wall_time t : s.between(from, until))`.
class CICADA_API schedule::window {
public:
    class iterator {
    public:
        using value_type = wall_time;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;

        wall_time operator*() const noexcept { return *at_; }
        iterator& operator++() {
            at_ = of_->following(*at_);
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept {
            return !i.at_;
        }

    private:
        friend class window;
        iterator(const window& of, std::optional<wall_time> at) noexcept : of_(&of), at_(at) {}
        const window* of_;
        std::optional<wall_time> at_;
    };

    iterator begin() const;
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    friend class schedule;
    window(schedule of, wall_time from, wall_time until) noexcept;
    std::optional<wall_time> following(wall_time t) const;

    schedule of_;
    wall_time from_;
    wall_time until_;
};

} // namespace cicada
