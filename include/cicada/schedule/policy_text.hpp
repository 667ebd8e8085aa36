#pragma once

/// Policies, and whatever else is one of a few, as words: those of C++.
///
///     cicada::to_text(cicada::overlap(cicada::overlap::buffer_all{3}))    // "buffer_all(3)"
///     cicada::parse<cicada::overlap>("buffer_all(3)")
///     cicada::words_of<cicada::missed>()                                  // skip, burst, delay
///
/// Threads: any.

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/policy.hpp>

namespace cicada {

namespace detail {

template <class T, class... Those>
concept one_of = (std::same_as<T, Those> || ...);

// Without constraints: compilers differ in whether these are a part of a symbol's name.
template <class T>
CICADA_API std::string word_of(const T& value);
template <class T>
CICADA_API T read_word(std::string_view text);
template <class T>
CICADA_API std::vector<std::string> all_words();

} // namespace detail

template <class T>
concept has_words = detail::one_of<T, missed, catch_up, overlap, on_error, failure_limit::action,
                                   decision::kind, gap, month_end, dialect>;

/// "skip", "buffer_all(3)".
template <has_words T>
std::string to_text(const T& value) {
    return detail::word_of(value);
}

/// Reads what to_text writes, also with spaces. Throws parse_error for anything else, with all the
/// words that there are, and the nearest.
template <has_words T>
T parse(std::string_view text) {
    return detail::read_word<T>(text);
}

/// All of them, in the order in which messages list them; what comes with a number as
/// "buffer_all(n)".
template <has_words T>
std::vector<std::string> words_of() {
    return detail::all_words<T>();
}

} // namespace cicada
