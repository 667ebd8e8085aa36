#include "toml_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include <cicada/schedule/duration_text.hpp>
#include <cicada/schedule/nearest.hpp>

#include "display.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

std::string contents_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (in.bad() || !in.is_open() || (in.fail() && !in.eof())) {
        throw bad_input(
            {.where = path, .what = std::string("cannot be read: ") + std::strerror(errno)});
    }
    return std::move(text).str();
}

constexpr std::string_view number_mark = "(n)"; // of words_of()

std::string in_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names) {
    std::vector<std::string> near;
    for (const std::string& name : nearest_names(wrong, names)) near.push_back(in_quotes(name));
    return near.empty() ? std::string() : "did you mean " + listed(near, " or ") + '?';
}

} // namespace

toml_file::toml_file(const std::string& path) : path_(path), text_(contents_of(path)) {
    try {
        root_ = toml::parse(std::string_view(text_), path_);
    } catch (const toml::parse_error& e) {
        refuse(e.source(), std::string(e.description()));
        finish();
    }
}

std::string_view toml_file::line(std::size_t number) const {
    std::string_view rest = text_;
    for (; number > 1; --number) rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest = rest.substr(0, rest.find('\n'));
    return rest.ends_with('\r') ? rest.substr(0, rest.size() - 1) : rest;
}

void toml_file::refuse(const toml::source_region& where, std::string what, std::string help) {
    const std::string_view shown = line(where.begin.line);
    const std::size_t from = offset_of(shown, where.begin.column - 1);
    const bool ends_here =
        where.end.line == where.begin.line && where.end.column > where.begin.column;
    const std::size_t end = ends_here ? offset_of(shown, where.end.column - 1) : from + 1;
    problems_.push_back({.where = path_,
                         .what = std::move(what),
                         .help = std::move(help),
                         .shown = excerpt{std::string(shown), from, end - from},
                         .line_number = where.begin.line});
}

void toml_file::refuse_text(const toml::node& value, const std::string& text,
                            const parse_error& e) {
    const problem inner = problem_of(e, path_, text);
    refuse(value.source(), inner);
    // Within a plain string on one line the place can be told exactly; where there are escapes it
    // cannot.
    excerpt& shown = *problems_.back().shown;
    const std::size_t first = shown.line.find_first_not_of("\"'", shown.offset);
    if (first != shown.line.npos && shown.line.compare(first, text.size(), text) == 0) {
        shown.offset = first + inner.shown->offset;
        shown.length = inner.shown->length;
    }
}

void toml_file::finish() const {
    constexpr std::size_t most = 50;
    if (problems_.empty()) return;
    std::vector<problem> shown(problems_.begin(),
                               problems_.begin() + std::min(most, problems_.size()));
    const auto place = [](const problem& p) {
        return std::pair(p.line_number, p.shown ? p.shown->offset : 0);
    };
    std::sort(shown.begin(), shown.end(),
              [&](const problem& a, const problem& b) { return place(a) < place(b); });
    if (problems_.size() > most) {
        shown.push_back(
            {.where = path_, .what = counted(problems_.size() - most, "further error")});
    }
    throw bad_input(std::move(shown));
}

toml_section::toml_section(toml_file& file, const toml::table& table, std::string title,
                           const names& keys)
    : file_(file), table_(table), title_(std::move(title)) {
    for (const auto& [key, value] : table) {
        if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
        const std::string near = did_you_mean(key.str(), keys);
        file_.refuse(key.source(), "unknown key " + in_quotes(key.str()) + " in " + title_,
                     near.empty() ? "the keys are " + listed(keys) : near);
    }
}

void toml_section::refuse_key(std::string_view key, std::string what, std::string help) {
    for (const auto& [name, value] : table_) {
        if (name.str() != key) continue;
        return file_.refuse(name.source(), std::move(what), std::move(help));
    }
}

std::optional<std::string> toml_section::text_of(const toml::node& value, std::string_view key) {
    if (const auto* text = value.as_string()) return text->get();
    std::ostringstream date;
    if (const auto* d = value.as_date()) {
        date << d->get();
    } else if (const auto* t = value.as_date_time()) {
        date << t->get();
    } else {
        file_.refuse(value.source(), "expected a text in quotes for " + in_quotes(key));
        return std::nullopt;
    }
    return std::move(date).str();
}

std::optional<duration> toml_section::read_duration(std::string_view key) {
    const toml::node* value = table_.get(key);
    if (value != nullptr && value->is_number()) {
        file_.refuse(value->source(), "expected a duration for " + in_quotes(key),
                     "say of what: \"15m\", \"30s\", \"1h30m\"");
        return std::nullopt;
    }
    return read(key, parse_duration);
}

std::optional<std::string> toml_section::choose(std::string_view key, const names& offered) {
    const toml::node* value = table_.get(key);
    if (value == nullptr) return std::nullopt;
    names words, numbered;
    for (const std::string& word : offered) {
        const bool has_number = word.ends_with(number_mark);
        (has_number ? numbered : words)
            .push_back(word.substr(0, word.size() - (has_number ? number_mark.size() : 0)));
    }
    const auto holds = [](const names& all, std::string_view one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    std::string help;
    if (const auto* word = value->as_string()) {
        if (holds(words, word->get())) return word->get();
        help = holds(numbered, word->get()) ? "write { " + word->get() + " = 3 }"
                                            : did_you_mean(word->get(), words);
    } else if (const auto* table = value->as_table(); table && table->size() == 1) {
        const auto entry = table->begin();
        const toml::key& name = entry->first;
        const toml::node& number = entry->second;
        const auto* n = number.as_integer();
        const bool is_number =
            n && n->get() >= 1 && n->get() <= std::numeric_limits<std::uint32_t>::max();
        if (holds(numbered, name.str()) && is_number) {
            return std::string(name.str()) + '(' + std::to_string(n->get()) + ')';
        }
        if (holds(numbered, name.str())) {
            file_.refuse(number.source(),
                         "expected a number from 1 to 4294967295 for " + in_quotes(name.str()));
            return std::nullopt;
        }
    }
    names all;
    for (const std::string& word : words) all.push_back(in_quotes(word));
    for (const std::string& word : numbered) all.push_back("{ " + word + " = N }");
    file_.refuse(value->source(), "expected " + listed(all, " or ") + " for " + in_quotes(key),
                 help);
    return std::nullopt;
}

} // namespace cicada::app
