#pragma once

/// The progress of a course as text, and back: what a store does with it.

#include <schedule/course.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace support {

class progress_writer {
public:
    void put(std::int64_t n) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
        text.append(digits, end) += ' ';
    }
    void put(std::uint64_t n) { put(static_cast<std::int64_t>(n)); }
    void put(std::uint32_t n) { put(static_cast<std::int64_t>(n)); }
    void put(bool b) { put(static_cast<std::int64_t>(b)); }
    void put(cicada::life l) { put(static_cast<std::int64_t>(l)); }
    void put(cicada::detail::time_line l) { put(static_cast<std::int64_t>(l)); }
    void put(cicada::duration d) { put(static_cast<std::int64_t>(d.count())); }
    void put(cicada::wall_time t) { put(t.time_since_epoch()); }
    void put(cicada::elapsed_time t) { put(t.time_since_epoch()); }
    template <class T>
    void put(const std::optional<T>& o) {
        put(o.has_value());
        if (o) put(*o);
    }
    template <class List>
        requires requires(const List& all) { all.begin() != all.end(); }
    void put(const List& all) {
        put(static_cast<std::uint64_t>(all.size()));
        for (const auto& one : all) put(one);
    }
    // The names are there so that a field more does not compile.
    void put(const cicada::detail::nominal_instant& n) {
        const auto& [line, at] = n;
        put_all(line, at);
    }
    void put(const cicada::detail::progress::run& r) {
        const auto& [id, nominal, missed, attempt, started_at, retry_at, is_retry_due,
                     is_asked_to_end] = r;
        put_all(id, nominal, missed, attempt, started_at, retry_at, is_retry_due, is_asked_to_end);
    }
    void put(const cicada::detail::progress::arrival& a) {
        const auto& [nominal, is_triggered] = a;
        put_all(nominal, is_triggered);
    }
    void put(const cicada::detail::progress& p) {
        const auto& [state, next, delay, is_horizon, decided, arrived, waiting, runs, last_run, ran,
                     missed, dropped, failed, untold, failed_in_a_row] = p;
        put_all(state, next, delay, is_horizon, decided, arrived, waiting, runs, last_run, ran,
                missed, dropped, failed, untold, failed_in_a_row);
    }
    std::string text;

private:
    template <class... T>
    void put_all(const T&... all) {
        (put(all), ...);
    }
};

class progress_reader {
public:
    explicit progress_reader(const std::string& text)
        : at_(text.data()), end_(text.data() + text.size()) {}

    cicada::detail::progress get_progress() {
        cicada::detail::progress p;
        get_all(p.state, p.next, p.delay, p.is_horizon, p.decided, p.arrived, p.waiting, p.runs,
                p.last_run, p.ran, p.missed, p.dropped, p.failed, p.untold, p.failed_in_a_row);
        return p;
    }

private:
    std::int64_t number() {
        std::int64_t n = 0;
        at_ = std::from_chars(at_, end_, n).ptr + 1;
        return n;
    }
    template <class T>
    void get(T& into) {
        into = static_cast<T>(number());
    }
    void get(cicada::duration& into) { into = cicada::duration(number()); }
    void get(cicada::wall_time& into) { into = cicada::wall_time(cicada::duration(number())); }
    void get(cicada::elapsed_time& into) {
        into = cicada::elapsed_time(cicada::duration(number()));
    }
    void get(cicada::detail::nominal_instant& into) { get_all(into.line, into.at); }
    void get(cicada::detail::progress::run& r) {
        get_all(r.id, r.nominal, r.missed, r.attempt, r.started_at, r.retry_at, r.is_retry_due,
                r.is_asked_to_end);
    }
    void get(cicada::detail::progress::arrival& a) { get_all(a.nominal, a.is_triggered); }
    template <class T>
    void get(std::optional<T>& into) {
        if (number() != 0) get(into.emplace());
    }
    template <class List>
        requires requires(List& all) { all.push_back(*all.begin()); }
    void get(List& into) {
        for (auto left = number(); left > 0; --left) {
            typename List::value_type one;
            get(one);
            into.push_back(std::move(one));
        }
    }
    template <class... T>
    void get_all(T&... all) {
        (get(all), ...);
    }
    const char* at_;
    const char* end_;
};

inline std::string write_down(const cicada::detail::progress& p) {
    progress_writer w;
    w.put(p);
    return w.text;
}

inline cicada::detail::progress read_back(const std::string& text) {
    return progress_reader(text).get_progress();
}

} // namespace support
