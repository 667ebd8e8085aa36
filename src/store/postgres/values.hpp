#pragma once

/// What a statement is given, and what it gives, in PostgreSQL's binary format.
///
///     pg_values values;
///     values.add(id).add(name);                                       // $1, $2
///     values.add_all(steps, [](const step& s) { return s.job; });     // $3, an array
///     pg_rows rows = in.run(sql, values);
///     while (rows.next()) use(rows.number<run_id>(0), rows.text(1));
///
/// There are four types: bigint for all numbers, enumerators and instants, boolean, text, and
/// arrays of these. Rows may have smaller integers, too; those of statements without values have
/// numbers as text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <cicada/base/owned.hpp>
#include <cicada/base/time.hpp>

struct pg_result;

namespace cicada::detail {

class pg_values {
public:
    /// Numbers (unsigned ones of 64 bits come back as they were), enumerators, instants, texts,
    /// bool; std::optional of any: NULL.
    template <class T>
    pg_values& add(const T& value) {
        begin_value(type_of<T>());
        append(value);
        return *this;
    }
    /// An array of what `of(item)` gives for each item.
    template <class Range, class F>
    pg_values& add_all(const Range& range, F of) {
        using item = std::remove_cvref_t<decltype(of(*std::begin(range)))>;
        const std::size_t head = begin_array(type_of<item>());
        std::uint32_t count = 0;
        for (const auto& one : range) {
            append_item(of(one));
            ++count;
        }
        end_array(head, count);
        return *this;
    }
    template <class Range>
    pg_values& add_all(const Range& range) {
        return add_all(range, [](const auto& one) -> const auto& { return one; });
    }

    // As libpq wants them:
    int size() const noexcept { return static_cast<int>(types_.size()); }
    const unsigned* types() const noexcept { return types_.data(); }
    std::vector<const char*> pointers() const;
    std::vector<int> lengths() const;

private:
    enum class type : std::uint8_t { integer, boolean, text };
    static constexpr std::uint32_t null = 0xffffffff;

    template <class T>
    struct is_optional : std::false_type {};
    template <class T>
    struct is_optional<std::optional<T>> : std::true_type {};

    template <class T>
    static constexpr type type_of() {
        if constexpr (is_optional<T>::value) {
            return type_of<typename T::value_type>();
        } else if constexpr (std::is_same_v<T, bool>) {
            return type::boolean;
        } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
            return type::text;
        } else {
            return type::integer;
        }
    }

    template <class T>
    void append(const T& value) {
        if constexpr (is_optional<T>::value) {
            if (value) {
                append(*value);
            } else {
                is_null_ = true;
            }
        } else if constexpr (std::is_same_v<T, bool>) {
            data_ += value ? '\1' : '\0';
        } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
            append_text(value);
        } else if constexpr (std::is_same_v<T, wall_time>) {
            append_integer(value.time_since_epoch().count());
        } else {
            append_integer(static_cast<std::int64_t>(value));
        }
        if (!starts_.empty()) sizes_.back() = is_null_ ? null : size_since_start();
    }
    template <class T>
    void append_item(const T& value) {
        const std::size_t head = data_.size();
        append_size(0);
        is_null_ = false;
        append(value);
        end_item(head);
    }

    void begin_value(type which);
    std::size_t begin_array(type which);
    void end_array(std::size_t head, std::uint32_t count);
    void end_item(std::size_t head);
    void append_size(std::uint32_t size);
    void append_integer(std::int64_t number);
    void append_text(std::string_view text);
    std::uint32_t size_since_start() const noexcept {
        return static_cast<std::uint32_t>(data_.size() - starts_.back());
    }

    std::string data_; // of all, one after the other
    std::vector<std::size_t> starts_;
    std::vector<std::uint32_t> sizes_; // null: NULL
    std::vector<unsigned> types_;
    bool is_null_ = false; // what is being added
};

struct clears_result {
    void operator()(pg_result* result) const noexcept;
};

/// The rows that a statement has given. Columns count from 0.
class pg_rows {
public:
    explicit pg_rows(pg_result* result) noexcept;

    std::size_t size() const noexcept;
    /// To the next row, at first to the first one. False: there is none.
    bool next() noexcept { return static_cast<std::size_t>(++row_) < size(); }

    bool is_null(int column) const noexcept;
    std::int64_t integer(int column) const noexcept; // NULL: 0
    bool boolean(int column) const noexcept { return integer(column) != 0; }
    template <class T>
    T number(int column) const noexcept {
        return static_cast<T>(integer(column));
    }
    wall_time instant(int column) const noexcept { return wall_time(duration(integer(column))); }
    std::optional<wall_time> instant_or_null(int column) const noexcept;
    std::string text(int column) const;
    std::vector<std::string> texts(int column) const;
    std::vector<std::int64_t> integers(int column) const; // of an array without NULL
    /// Rows that the statement has written.
    std::int64_t written() const noexcept;
    /// Whether it is the answer to this command.
    bool is_of(std::string_view command) const noexcept;

private:
    std::string_view bytes(int column) const noexcept;
    template <class F>
    void items(int column, F each) const;

    owned<pg_result, clears_result{}> result_;
    bool is_binary_;
    int row_ = -1;
};

} // namespace cicada::detail
