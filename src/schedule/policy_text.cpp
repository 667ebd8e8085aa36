#include <cicada/schedule/policy_text.hpp>

#include <algorithm>
#include <limits>

#include <schedule/expression_reader.hpp>
#include <schedule/nearest.hpp>
#include <schedule/words.hpp>

namespace cicada::detail {

namespace {

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
[[noreturn]] void refuse(const expression_reader& in, const expression_reader::token& wrong) {
    std::vector<std::string> names;
    for (const word<T>& w : words<T>) names.emplace_back(w.text);
    in.fail(wrong.offset, listed(all_words<T>()), did_you_mean(wrong.text, names));
}

} // namespace

template <class T>
std::string word_of(const T& value) {
    for (const word<T>& w : words<T>) {
        if constexpr (requires { value.max(); }) {
            if (w.with && w.with(value.max()) == value)
                return std::string(w.text) + '(' + std::to_string(value.max()) + ')';
        }
        if (w.value == value) return std::string(w.text);
    }
    return {};
}

template <class T>
T read_word(std::string_view text) {
    expression_reader in(text);
    const expression_reader::token name = in.word();
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

template <class T>
std::vector<std::string> all_words() {
    std::vector<std::string> all;
    for (const word<T>& w : words<T>) all.push_back(std::string(w.text) + (w.with ? "(n)" : ""));
    return all;
}

// In brackets clang takes no attribute here, and a kind that is hidden would hide its functions.
#define CICADA_WITH_WORDS(T)                                                                       \
    template __attribute__((visibility("default"))) std::string word_of(const T&);                 \
    template __attribute__((visibility("default"))) T read_word(std::string_view);                 \
    template __attribute__((visibility("default"))) std::vector<std::string> all_words<T>();

CICADA_WITH_WORDS(missed)
CICADA_WITH_WORDS(catch_up)
CICADA_WITH_WORDS(overlap)
CICADA_WITH_WORDS(on_error)
CICADA_WITH_WORDS(failure_limit::action)
CICADA_WITH_WORDS(decision::kind)
CICADA_WITH_WORDS(gap)
CICADA_WITH_WORDS(month_end)
CICADA_WITH_WORDS(dialect)

} // namespace cicada::detail
