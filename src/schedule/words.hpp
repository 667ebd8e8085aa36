#pragma once

/// The words of policies, and of whatever else is one of a few: one table for each, by which all
/// that reads or writes them goes.

#include <array>
#include <cstdint>
#include <string_view>

#include <cicada/schedule/policy_text.hpp>

namespace cicada::detail {

template <class T>
struct word {
    std::string_view text;
    T value;
    /// Of a word that needs a number: the value with that one. (`value` has 1.)
    T (*with)(std::uint32_t) = nullptr;
};

template <class T, class Numbered>
constexpr word<T> numbered(std::string_view text) {
    return {text, Numbered{1}, [](std::uint32_t n) { return T(Numbered{n}); }};
}

/// Those of T, in the order in which messages list them; those with a number last.
template <class T>
inline constexpr std::array<word<T>, 0> words{};

template <>
inline constexpr auto words<missed> = std::to_array<word<missed>>(
    {{"skip", missed::skip}, {"burst", missed::burst}, {"delay", missed::delay}});

template <>
inline constexpr auto words<catch_up> =
    std::to_array<word<catch_up>>({{"none", catch_up::none},
                                   {"last", catch_up::last},
                                   {"first", catch_up::first},
                                   numbered<catch_up, catch_up::all>("all")});

template <>
inline constexpr auto words<overlap> =
    std::to_array<word<overlap>>({{"skip", overlap::skip},
                                  {"buffer_one", overlap::buffer_one},
                                  {"buffer_latest", overlap::buffer_latest},
                                  {"cancel_other", overlap::cancel_other},
                                  numbered<overlap, overlap::buffer_all>("buffer_all"),
                                  numbered<overlap, overlap::allow>("allow")});

template <>
inline constexpr auto words<on_error> =
    std::to_array<word<on_error>>({{"carry_on", on_error::carry_on}, {"stop", on_error::stop}});

template <>
inline constexpr auto words<failure_limit::action> =
    std::to_array<word<failure_limit::action>>({{"notify", failure_limit::action::notify},
                                                {"pause", failure_limit::action::pause},
                                                {"stop", failure_limit::action::stop}});

template <>
inline constexpr auto words<decision::kind> =
    std::to_array<word<decision::kind>>({{"ran", decision::kind::ran},
                                         {"failed", decision::kind::failed},
                                         {"cancelled", decision::kind::cancelled},
                                         {"skipped_overlap", decision::kind::skipped_overlap},
                                         {"coalesced_into", decision::kind::coalesced_into},
                                         {"missed", decision::kind::missed},
                                         {"too_late", decision::kind::too_late},
                                         {"excluded", decision::kind::excluded},
                                         {"paused", decision::kind::paused},
                                         {"clock_went_back", decision::kind::clock_went_back},
                                         {"lost", decision::kind::lost},
                                         {"restored", decision::kind::restored}});

template <>
inline constexpr auto words<gap> =
    std::to_array<word<gap>>({{"run", gap::run}, {"skip", gap::skip}});

template <>
inline constexpr auto words<month_end> =
    std::to_array<word<month_end>>({{"clamp", month_end::clamp}, {"skip", month_end::skip}});

template <>
inline constexpr auto words<dialect> =
    std::to_array<word<dialect>>({{"ocps", dialect::ocps}, {"quartz", dialect::quartz}});

} // namespace cicada::detail
