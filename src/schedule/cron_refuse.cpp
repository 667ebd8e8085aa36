#include <schedule/cron_refuse.hpp>

#include <algorithm>

#include <schedule/nearest.hpp>

namespace cicada::detail {

namespace {

std::string range_text(int first, int last) {
    return first == last ? std::to_string(first)
                         : std::to_string(first) + '-' + std::to_string(last);
}

int least_of(const cron_place& at) {
    const bool counts_from_one = at.part == cron_part::weekday && at.language == dialect::quartz;
    return counts_from_one ? 1 : range_of(at.part).least;
}

/// "a minute from 0 to 59"
std::string a_value(const cron_place& at) {
    const cron_range& range = range_of(at.part);
    std::string text = at.part == cron_part::hour ? "an " : "a ";
    text.append(range.what).append(" from ").append(std::to_string(least_of(at)));
    text.append(" to ").append(std::to_string(range.most));
    if (at.part == cron_part::month) text += " or JAN to DEC";
    if (at.part == cron_part::weekday) text += " or SUN to SAT";
    return text;
}

/// The word that begins at `offset`, in capitals.
std::string word_at(std::string_view pattern, std::size_t offset) {
    std::string word;
    for (; offset < pattern.size() && is_letter(pattern[offset]); ++offset) {
        word += upper(pattern[offset]);
    }
    return word;
}

constexpr std::size_t longest_word = 15; // beyond it no name is meant

/// The name that a word was meant to be; empty: none is near.
std::string_view nearest_name(std::string_view names, std::string_view word) {
    if (word.size() > 3 && find_name(names, word.data()) >= 0) return word.substr(0, 3);
    std::string_view best;
    if (word.size() > longest_word) return best;
    std::size_t least = 2;
    for (std::size_t i = 0; i < names.size(); i += 3) {
        const std::size_t d = edit_distance(word, names.substr(i, 3));
        if (d < least) best = names.substr(i, 3), least = d;
    }
    return best;
}

bool is_name(std::string_view names, std::string_view word) {
    return word.size() >= 3 && find_name(names, word.data()) >= 0;
}

/// A mistake that is made by a word where a value should be.
std::string hint_for_word(const cron_place& at) {
    const std::string word = word_at(at.pattern, at.offset);
    const bool is_month = is_name(month_names, word);
    const bool is_weekday = is_name(weekday_names, word);
    if (at.part != cron_part::month && at.part != cron_part::weekday) {
        if (word == "L" || word == "LW") {
            return "L stands only in the day fields, in capitals, and counts from their end";
        }
        if (word == "W") return "W follows a day of the month: 15W";
        return is_month || is_weekday
                   ? "names stand only in the fields of the month and of the day of the week"
                   : std::string();
    }
    const bool wants_month = at.part == cron_part::month;
    if (wants_month && is_weekday) return word.substr(0, 3) + " is a day of the week, one field on";
    if (!wants_month && is_month) return word.substr(0, 3) + " is a month, one field back";
    if (!wants_month && word == "L") return "say of which day it is the last: 5L or FRI#L";
    if (!wants_month && word.size() == 4 && word[3] == 'L' && is_weekday) {
        return "write the L in capitals";
    }
    const std::string_view near = nearest_name(wants_month ? month_names : weekday_names, word);
    return near.empty() ? std::string() : "did you mean " + std::string(near) + '?';
}

/// A byte that no pattern has: what it is, and what to write.
std::string hint_for_foreign(std::string_view pattern, std::size_t offset) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return offset + i < pattern.size() ? static_cast<unsigned char>(pattern[offset + i]) : 0u;
    };
    if (offset == pattern.size()) return {};
    const unsigned c = byte(0);
    if (c == '\n' || c == '\r' || c == '\v' || c == '\f') {
        return "only spaces and tabs separate fields";
    }
    if (c < 0x20 || c == 0x7f) return "there is a control character";
    if (c < 0x80) return {};
    unsigned code = 0; // UTF-8
    if (c >= 0xc2 && c < 0xe0) code = (c & 0x1f) << 6 | (byte(1) & 0x3f);
    if (c >= 0xe0 && c < 0xf0) code = (c & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    if ((code >= 0x2010 && code <= 0x2015) || code == 0x2212) {
        return "this dash is not ASCII: write '-'";
    }
    if (code == 0xa0 || (code >= 0x2000 && code <= 0x200b) || code == 0x202f || code == 0x3000) {
        return "this space is not ASCII: write ' '";
    }
    if (code == 0x2217 || code == 0xff0a || code == 0xd7)
        return "this star is not ASCII: write '*'";
    return "a pattern is of ASCII characters only";
}

/// The first byte that belongs in no pattern; npos: none.
std::size_t find_foreign(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const auto c = static_cast<unsigned char>(pattern[i]);
        if ((c < 0x20 && c != '\t') || c >= 0x7f) return i;
    }
    return std::string_view::npos;
}

std::size_t count_fields(std::string_view pattern) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        count += !is_blank(pattern[i]) && (i == 0 || is_blank(pattern[i - 1])) ? 1 : 0;
    }
    return count;
}

/// What only Quartz writes, in as many fields as it has.
bool looks_like_quartz(std::string_view pattern) {
    const std::size_t fields = count_fields(pattern);
    return (fields == 6 || fields == 7) &&
           (pattern.find('?') != pattern.npos || pattern.find("LW") != pattern.npos ||
            pattern.find("L-") != pattern.npos);
}

std::string_view order(dialect language) {
    return language == dialect::quartz
               ? "second minute hour day-of-month month day-of-week [year]"
               : "[second] minute hour day-of-month month day-of-week [year]";
}

} // namespace

void refuse(const cron_place& at, std::string expected, std::string hint, remedy mended_by) {
    const bool may_be_quartz = at.language == dialect::ocps && mended_by == remedy::none;
    if (may_be_quartz && looks_like_quartz(at.pattern)) {
        if (!hint.empty()) hint += "; ";
        hint += "it looks like a pattern of Quartz";
        mended_by = remedy::quartz_dialect;
    }
    throw parse_error(at.pattern, at.offset, std::move(expected), std::move(hint), mended_by);
}

void refuse_count(std::string_view pattern, dialect language, std::size_t found,
                  std::size_t eighth_at) {
    cron_place at{pattern, found > 7 ? eighth_at : pattern.size(), cron_part::minute, language};
    std::string hint = "found " + std::to_string(found);
    if (const std::size_t foreign = find_foreign(pattern); foreign != pattern.npos) {
        at.offset = foreign;
        hint += "; " + hint_for_foreign(pattern, foreign);
    }
    const bool is_quartz = language == dialect::quartz;
    if (is_quartz && found == 5) hint += "; Quartz has the seconds first";
    refuse(at,
           (is_quartz ? "6 or 7 fields: " : "5, 6 or 7 fields: ") + std::string(order(language)),
           std::move(hint));
}

void refuse_nickname(std::string_view pattern, dialect language, std::string_view name,
                     std::string_view rest) {
    cron_place at{pattern, pattern.find('@'), cron_part::minute, language};
    if (language == dialect::quartz) refuse(at, "6 or 7 fields: Quartz has no nicknames");
    if (name == "@every") refuse(at, "a nickname", {}, remedy::period);
    for (const cron_nickname& n : cron_nicknames) {
        if (n.name != name) continue;
        at.offset = pattern.size() - rest.size();
        refuse(at, "the end of the pattern", "a nickname stands alone");
    }
    std::string lower;
    for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::string_view best;
    std::size_t least = 4;
    for (const cron_nickname& n : cron_nicknames) {
        if (lower.size() > longest_word) break;
        if (const std::size_t d = edit_distance(lower, n.name); d < least) best = n.name, least = d;
    }
    refuse(at, "a nickname: @yearly, @monthly, @weekly, @daily, @hourly or @reboot",
           best.empty() ? std::string() : "did you mean " + std::string(best) + '?');
}

void refuse_value(const cron_place& at) {
    const char c = at.offset < at.pattern.size() ? at.pattern[at.offset] : ' ';
    if (is_letter(c)) refuse(at, a_value(at), hint_for_word(at));
    if (c == '/') {
        std::size_t end = at.offset + 1;
        while (end < at.pattern.size() && is_digit(at.pattern[end])) ++end;
        const auto steps = at.pattern.substr(at.offset, end - at.offset);
        refuse(at, "'*' or a range before '/'", "write *" + std::string(steps));
    }
    refuse_character(at, a_value(at));
}

void refuse_number(const cron_place& at, int value) {
    std::string hint;
    if (value == range_of(at.part).most + 1 && at.part <= cron_part::hour) {
        hint = std::to_string(value) + " is 0 of the next";
    } else if (value == 0 && at.part == cron_part::weekday) {
        hint = "Quartz counts from 1 = SUN";
    } else if (value == 0) {
        hint = "it is counted from 1";
    } else if (at.part == cron_part::weekday && value >= range_of(cron_part::year).least &&
               value <= range_of(cron_part::year).most && count_fields(at.pattern) == 6) {
        hint = "a year is the last of 7 fields: write 0 " + std::string(at.pattern);
    }
    refuse(at, a_value(at), std::move(hint));
}

void refuse_character(const cron_place& at, std::string expected) {
    std::string hint;
    switch (const char c = at.offset < at.pattern.size() ? at.pattern[at.offset] : ' '; c) {
    case '?':
        hint = "'?' stands only in the day fields: write *";
        break;
    case '+':
        hint = "'+' stands only first in the field of the day of the week";
        break;
    case '#':
        hint = "'#' follows a day of the week: TUE#3";
        break;
    case 'W':
        hint = "W follows a single day of the month: 15W";
        break;
    case 'l':
    case 'w':
        hint = std::string("write ") + upper(c) + " in capitals";
        break;
    case 'L':
        hint = "L stands only in the day fields";
        break;
    default:
        hint = hint_for_foreign(at.pattern, at.offset);
    }
    const bool is_from_end = at.part == cron_part::day && at.offset > 0 &&
                             at.pattern[at.offset - 1] == 'L' && at.language == dialect::ocps;
    if (is_from_end)
        refuse(at, std::move(expected), "only Quartz has LW and L-3", remedy::quartz_dialect);
    refuse(at, std::move(expected), std::move(hint));
}

void refuse_descending(const cron_place& at, int first, int last) {
    // Around the end and on from the beginning; a Sunday at the end is simply 7.
    std::string around = range_text(first, range_of(at.part).most);
    if (at.part == cron_part::weekday) {
        if (last > 0) around = range_text(first, 7) + ',' + range_text(1, last);
    } else if (at.part == cron_part::year) {
        around = range_text(last, first);
    } else {
        around += ',' + range_text(range_of(at.part).least, last);
    }
    refuse(at, "a range that ascends", "write " + around);
}

void refuse_bare_step(const cron_place& at, int first, std::string_view steps) {
    const int last = at.part == cron_part::weekday ? 6 : range_of(at.part).most;
    refuse(at, "'*' or a range before '/'",
           "write " + std::to_string(std::min(first, last)) + '-' +
               std::to_string(last).append(steps.size() > 1 ? steps : "/n"));
}

void refuse_step(const cron_place& at) { refuse(at, "a step of at least 1, in digits"); }

} // namespace cicada::detail
