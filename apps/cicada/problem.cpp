#include "problem.hpp"

#include <algorithm>

#include "display.hpp"

namespace cicada::app {

namespace {

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// The rest of the word that begins at `offset`; at least the one character there.
std::size_t word_length(std::string_view text, std::size_t offset) {
    std::size_t end = offset;
    while (end < text.size() && is_word(text[end])) ++end;
    return std::max<std::size_t>(end - offset, 1);
}

/// The library speaks to programmers; here the same things are options, or keys of a file, which
/// have the same names.
std::string_view in_command(remedy what) {
    switch (what) {
    case remedy::none:
        break;
    case remedy::quartz_dialect:
        return "then say --dialect quartz";
    case remedy::name_for_hash:
        return "give one with --name";
    case remedy::period:
        return "a period is no pattern; a file for simulate has every = \"5m\"";
    }
    return {};
}

} // namespace

problem problem_of(const parse_error& e, std::string_view where, std::string_view text) {
    const bool has_both = !e.hint().empty() && e.mended_by() != remedy::none;
    return {.where = std::string(where),
            .what = "expected " + e.expected(),
            .help = (e.hint() + (has_both ? ": " : "")).append(in_command(e.mended_by())),
            .shown = excerpt{std::string(text), e.offset(), word_length(text, e.offset())}};
}

problem problem_of(const unknown_zone& e, std::string_view where, std::string_view text) {
    problem p = problem_of_all(e.reason(), where, text);
    for (const std::string& name : e.suggestions())
        p.help += (p.help.empty() ? "did you mean \"" : " or \"") + name + '"';
    if (!p.help.empty()) p.help += '?';
    return p;
}

problem problem_of_all(std::string what, std::string_view where, std::string_view text) {
    return {.where = std::string(where),
            .what = std::move(what),
            .shown = excerpt{std::string(text), 0, std::max<std::size_t>(text.size(), 1)}};
}

std::string format(const problem& p, bool has_colours) {
    const std::string_view red = has_colours ? "\033[1;31m" : "";
    const std::string_view bold = has_colours ? "\033[1m" : "";
    const std::string_view plain = has_colours ? "\033[0m" : "";
    const std::string number = p.line_number > 0 ? ' ' + std::to_string(p.line_number) : "";
    const std::string margin(number.size(), ' ');

    std::string text(bold);
    if (p.line_number > 0) {
        text.append(displayed(p.where)).append(":").append(number.substr(1)).append(":");
        text.append(std::to_string(character_at(p.shown->line, p.shown->offset) + 1)).append(": ");
        text.append(red).append("error: ").append(plain);
    } else {
        text.append("cicada: ").append(red).append("error: ").append(plain);
        if (!p.where.empty()) text.append(displayed(p.where));
        if (!p.where.empty() && p.shown) {
            const std::size_t column = character_at(p.shown->line, p.shown->offset) + 1;
            text.append(", column ").append(std::to_string(column));
        }
        if (!p.where.empty()) text += ": ";
    }
    text.append(displayed(p.what)).append("\n");
    if (p.shown) {
        const std::string_view line = p.shown->line;
        const std::size_t offset = std::min(p.shown->offset, line.size());
        const std::size_t from = width_of(line.substr(0, offset));
        const std::size_t length = width_of(line.substr(offset, p.shown->length));
        text.append(number).append(" | ").append(displayed(line)).append("\n");
        text.append(margin).append(" | ").append(from, ' ').append(red).append("^");
        text.append(std::max<std::size_t>(length, 1) - 1, '~').append(plain).append("\n");
    }
    if (!p.help.empty())
        text.append(margin).append(" = help: ").append(displayed(p.help)).append("\n");
    return text;
}

} // namespace cicada::app
