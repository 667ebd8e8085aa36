#pragma once

/// A TOML file as a command reads it: each value with its place, so that whatever is wrong can be
/// shown where it stands. Mistakes are collected, not thrown, so that all of them are told at once.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include <cicada/base/time.hpp>
#include <cicada/schedule/policy_text.hpp>

#include "problem.hpp"

namespace cicada::app {

class toml_file {
public:
    /// Throws bad_input when it cannot be read, or is no TOML.
    explicit toml_file(const std::string& path);

    const toml::table& root() const noexcept { return root_; }

    void refuse(const toml::source_region& where, std::string what, std::string help = {});
    void refuse(const toml::source_region& where, const problem& found) {
        refuse(where, found.what, found.help);
    }
    /// The text of a value is wrong in itself.
    void refuse_text(const toml::node& value, const std::string& text, const parse_error& e);
    /// Throws bad_input when anything was refused.
    void finish() const;

private:
    std::string_view line(std::size_t number) const;

    std::string path_;
    std::string text_;
    toml::table root_;
    std::vector<problem> problems_;
};

/// A table of it, with the keys that it may have.
class toml_section {
public:
    using names = std::vector<std::string>;

    /// Refuses other keys. `title` as in "[schedule.backup]", for messages.
    toml_section(toml_file& file, const toml::table& table, std::string title, const names& keys);

    bool has(std::string_view key) const { return table_.contains(key); }
    void refuse_key(std::string_view key, std::string what, std::string help = {});
    void refuse(std::string what, std::string help = {}) {
        file_.refuse(table_.source(), std::move(what), std::move(help));
    }

    /// What `parse(text)` makes of a string; none when the key is not there, or was refused: for
    /// parse_error, unknown_zone and bad_input.
    template <class Parse>
    auto read(std::string_view key, Parse parse)
        -> std::optional<decltype(parse(std::string_view()))> {
        const toml::node* value = table_.get(key);
        if (value == nullptr) return std::nullopt;
        const std::optional<std::string> text = text_of(*value, key);
        if (!text) return std::nullopt;
        try {
            return parse(std::string_view(*text));
        } catch (const parse_error& e) {
            file_.refuse_text(*value, *text, e);
        } catch (const unknown_zone& e) {
            file_.refuse(value->source(), problem_of(e, {}, *text));
        } catch (const bad_input& e) {
            file_.refuse(value->source(), e.problems().front());
        }
        return std::nullopt;
    }
    std::optional<duration> read_duration(std::string_view key);

    /// One of the words of Value, or `{ word = number }` for those that need a number.
    template <class Value>
    std::optional<Value> choose(std::string_view key) {
        const auto chosen = choose(key, words_of<Value>());
        if (!chosen) return std::nullopt;
        return parse<Value>(*chosen);
    }

private:
    /// A string, or a date or time, which TOML can write without quotes.
    std::optional<std::string> text_of(const toml::node& value, std::string_view key);
    /// The text of one of the words.
    std::optional<std::string> choose(std::string_view key, const names& offered);

    toml_file& file_;
    const toml::table& table_;
    std::string title_;
};

} // namespace cicada::app
