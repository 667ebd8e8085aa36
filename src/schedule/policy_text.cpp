#include <cicada/schedule/policy_text.hpp>

#include <algorithm>
#include <limits>

#include <schedule/expression_reader.hpp>
#include <schedule/nearest.hpp>
#include <schedule/words.hpp>

namespace cicada {

namespace {

using detail::word;
using detail::words;

/// `skip, buffer_one or allow(n)`
std::string listed(const std::vector<std::string>& all) {
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
        text += all[i];
    }
    return text;
}

template <class T>
[[noreturn]] void refuse(const detail::expression_reader& in,
                         const detail::expression_reader::token& wrong) {
    std::vector<std::string> names;
    for (const word<T>& w : words<T>) names.emplace_back(w.text);
    in.fail(wrong.offset, listed(words_of<T>()), detail::did_you_mean(wrong.text, names));
}

} // namespace

template <has_words T>
std::string to_text(const T& value) {
    for (const word<T>& w : words<T>) {
        if constexpr (requires { value.max(); }) {
            if (w.with && w.with(value.max()) == value)
                return std::string(w.text) + '(' + std::to_string(value.max()) + ')';
        }
        if (w.value == value) return std::string(w.text);
    }
    return {};
}

template <has_words T>
T parse(std::string_view text) {
    detail::expression_reader in(text);
    const detail::expression_reader::token name = in.word();
    const auto found = std::find_if(words<T>.begin(), words<T>.end(),
                                    [&](const word<T>& w) { return w.text == name.text; });
    if (found == words<T>.end()) refuse<T>(in, name);
    T value = found->value;
    if (found->with) {
        if (!in.take('('))
            in.fail(in.offset(), "a number in parentheses",
                    "write " + std::string(name.text) + "(3)");
        value = found->with(in.number(0, std::numeric_limits<std::uint32_t>::max()));
        in.expect(')');
    }
    if (!in.at_end()) in.fail(in.offset(), "the end");
    return value;
}

template <has_words T>
std::vector<std::string> words_of() {
    std::vector<std::string> all;
    for (const word<T>& w : words<T>) all.push_back(std::string(w.text) + (w.with ? "(n)" : ""));
    return all;
}

template CICADA_API std::string to_text(const missed&);
template CICADA_API missed parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<missed>();
template CICADA_API std::string to_text(const catch_up&);
template CICADA_API catch_up parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<catch_up>();
template CICADA_API std::string to_text(const overlap&);
template CICADA_API overlap parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<overlap>();
template CICADA_API std::string to_text(const on_error&);
template CICADA_API on_error parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<on_error>();
template CICADA_API std::string to_text(const failure_limit::action&);
template CICADA_API failure_limit::action parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<failure_limit::action>();
template CICADA_API std::string to_text(const decision::kind&);
template CICADA_API decision::kind parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<decision::kind>();
template CICADA_API std::string to_text(const gap&);
template CICADA_API gap parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<gap>();
template CICADA_API std::string to_text(const month_end&);
template CICADA_API month_end parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<month_end>();
template CICADA_API std::string to_text(const dialect&);
template CICADA_API dialect parse(std::string_view);
template CICADA_API std::vector<std::string> words_of<dialect>();

} // namespace cicada
