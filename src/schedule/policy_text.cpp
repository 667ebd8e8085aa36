#include <cicada/schedule/policy_text.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include "schedule/expression_reader.hpp"
#include "schedule/nearest.hpp"

namespace cicada::detail {

namespace {

/// `skip, buffer_one or allow(n)`
std::string listed(std::span<const offered_word> all) {
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
        text.append(all[i].text).append(all[i].has_number ? "(n)" : "");
    }
    return text;
}

std::string nearest(std::string_view wrong, std::span<const offered_word> all) {
    std::vector<std::string> names;
    for (const offered_word& w : all) names.emplace_back(w.text);
    const std::vector<std::string> near = nearest_names(wrong, names);
    return near.empty() ? std::string() : "did you mean " + near.front() + '?';
}

} // namespace

chosen_word choose_word(std::string_view text, std::span<const offered_word> from) {
    expression_reader in(text);
    const expression_reader::token name = in.word();
    const auto found = std::find_if(from.begin(), from.end(),
                                    [&](const offered_word& w) { return w.text == name.text; });
    if (found == from.end()) in.fail(name.offset, listed(from), nearest(name.text, from));
    chosen_word chosen{static_cast<std::size_t>(found - from.begin()), 0};
    if (found->has_number) {
        if (!in.take('('))
            in.fail(in.offset(), "a number in parentheses",
                    "write " + std::string(name.text) + "(3)");
        chosen.number = in.number(0, std::numeric_limits<std::uint32_t>::max());
        in.expect(')');
    }
    if (!in.at_end()) in.fail(in.offset(), "the end");
    return chosen;
}

} // namespace cicada::detail
