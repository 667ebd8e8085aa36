#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <cicada/base/rfc3339.hpp>

namespace cicada::detail {

/// Reads the words, strings, numbers and marks of an expression from left to right. Spaces between
/// them do not count.
class expression_reader {
public:
    struct token {
        std::string_view text; // of a string without its quotes
        std::size_t offset; // of `text`
    };

    explicit expression_reader(std::string_view text) : text_(text) { skip_spaces(); }

    std::size_t offset() const { return at_; }
    bool at_end() const { return at_ == text_.size(); }
    bool is_next(char mark) const { return !at_end() && text_[at_] == mark; }
    bool take(char mark);
    void expect(char mark);

    /// Letters, digits, '_' and ':'; empty when something else comes.
    token word();
    token peek_word() const { return expression_reader(*this).word(); }
    token string();
    std::uint32_t number(std::uint32_t least, std::uint32_t most);

    [[noreturn]] void fail(std::size_t offset, std::string expected, std::string hint = {}) const {
        throw parse_error(text_, offset, std::move(expected), std::move(hint));
    }
    /// What begins at `begin` could not be read.
    [[noreturn]] void fail(const parse_error& part, std::size_t begin) const {
        throw parse_error(part, text_, begin);
    }

private:
    void skip_spaces();

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace cicada::detail
