#pragma once

/// Policies, and whatever else is one of a few, as words: one table for each, by which all that
/// reads or writes them goes.
///
///     cicada::to_text(cicada::overlap(cicada::overlap::buffer_all{3}))    // "buffer_all(3)"
///     cicada::parse<cicada::overlap>("buffer_all(3)")
///     for (const auto& w : cicada::words_of<cicada::missed>) ...          // skip, burst, delay
///
/// The words are those of C++. What comes with a number has it behind the word, in parentheses.
///
/// Threads: any.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/policy.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada {

template <class T>
struct word {
    std::string_view text;
    T value;
    /// Of a word that needs a number: the value with that one. (`value` has 1.)
    T (*with)(std::uint32_t) = nullptr;
};

namespace detail {

template <class T, class Numbered>
constexpr word<T> numbered(std::string_view text) {
    return {text, Numbered{1}, [](std::uint32_t n) { return T(Numbered{n}); }};
}

} // namespace detail

/// Those of T, in the order in which messages list them; those with a number last.
template <class T>
inline constexpr std::array<word<T>, 0> words_of{};

template <>
inline constexpr auto words_of<missed> = std::to_array<word<missed>>(
    {{"skip", missed::skip}, {"burst", missed::burst}, {"delay", missed::delay}});

template <>
inline constexpr auto words_of<catch_up> =
    std::to_array<word<catch_up>>({{"none", catch_up::none},
                                   {"last", catch_up::last},
                                   {"first", catch_up::first},
                                   detail::numbered<catch_up, catch_up::all>("all")});

template <>
inline constexpr auto words_of<overlap> =
    std::to_array<word<overlap>>({{"skip", overlap::skip},
                                  {"buffer_one", overlap::buffer_one},
                                  {"buffer_latest", overlap::buffer_latest},
                                  {"cancel_other", overlap::cancel_other},
                                  detail::numbered<overlap, overlap::buffer_all>("buffer_all"),
                                  detail::numbered<overlap, overlap::allow>("allow")});

template <>
inline constexpr auto words_of<on_error> =
    std::to_array<word<on_error>>({{"carry_on", on_error::carry_on}, {"stop", on_error::stop}});

template <>
inline constexpr auto words_of<failure_limit::action> =
    std::to_array<word<failure_limit::action>>({{"notify", failure_limit::action::notify},
                                                {"pause", failure_limit::action::pause},
                                                {"stop", failure_limit::action::stop}});

template <>
inline constexpr auto words_of<decision::kind> =
    std::to_array<word<decision::kind>>({{"ran", decision::kind::ran},
                                         {"failed", decision::kind::failed},
                                         {"cancelled", decision::kind::cancelled},
                                         {"skipped_overlap", decision::kind::skipped_overlap},
                                         {"coalesced_into", decision::kind::coalesced_into},
                                         {"missed", decision::kind::missed},
                                         {"too_late", decision::kind::too_late},
                                         {"excluded", decision::kind::excluded},
                                         {"paused", decision::kind::paused},
                                         {"clock_went_back", decision::kind::clock_went_back}});

template <>
inline constexpr auto words_of<gap> =
    std::to_array<word<gap>>({{"run", gap::run}, {"skip", gap::skip}});

template <>
inline constexpr auto words_of<month_end> =
    std::to_array<word<month_end>>({{"clamp", month_end::clamp}, {"skip", month_end::skip}});

template <>
inline constexpr auto words_of<dialect> =
    std::to_array<word<dialect>>({{"ocps", dialect::ocps}, {"quartz", dialect::quartz}});

template <class T>
concept has_words = !words_of<T>.empty();

/// "skip", "buffer_all(3)".
template <has_words T>
std::string to_text(const T& value) {
    for (const word<T>& w : words_of<T>) {
        if constexpr (requires { value.max(); }) {
            if (w.with && w.with(value.max()) == value)
                return std::string(w.text) + '(' + std::to_string(value.max()) + ')';
        }
        if (w.value == value) return std::string(w.text);
    }
    return {};
}

namespace detail {

struct offered_word {
    std::string_view text;
    bool has_number;
};
struct chosen_word {
    std::size_t index;
    std::uint32_t number; // 0 where there is none
};
/// Which of them `text` is. Throws parse_error.
CICADA_API chosen_word choose_word(std::string_view text, std::span<const offered_word> from);

} // namespace detail

/// Reads what to_text writes, also with spaces. Throws parse_error for anything else, with all the
/// words that there are, and the nearest.
template <has_words T>
T parse(std::string_view text) {
    std::array<detail::offered_word, words_of<T>.size()> offered;
    for (std::size_t i = 0; i < offered.size(); ++i)
        offered[i] = {words_of<T>[i].text, words_of<T>[i].with != nullptr};
    const detail::chosen_word chosen = detail::choose_word(text, offered);
    const word<T>& w = words_of<T>[chosen.index];
    return w.with ? w.with(chosen.number) : w.value;
}

} // namespace cicada
