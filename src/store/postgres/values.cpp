#include <store/postgres/values.hpp>

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include <libpq-fe.h>
#include <store/postgres/text.hpp>

namespace cicada::detail {

namespace {

// Of the types, as pg_type.dat numbers them for good; and of arrays of them.
struct type_ids {
    unsigned of_one;
    unsigned of_array;
};
constexpr type_ids ids[] = {{20, 1016}, {16, 1000}, {25, 1009}};

void put(std::string& to, std::size_t at, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0; number >>= 8) to[at + i] = static_cast<char>(number);
}

std::uint64_t number_in(std::string_view bytes) noexcept {
    std::uint64_t number = 0;
    if (bytes.size() == sizeof number && std::endian::native == std::endian::little) {
        std::memcpy(&number, bytes.data(), sizeof number);
        return __builtin_bswap64(number); // half of what is read is such a number
    }
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

std::int64_t signed_number_in(std::string_view bytes) noexcept {
    switch (bytes.size()) {
    case 2:
        return static_cast<std::int16_t>(number_in(bytes));
    case 4:
        return static_cast<std::int32_t>(number_in(bytes));
    default:
        return static_cast<std::int64_t>(number_in(bytes));
    }
}

} // namespace

// ---- what is given -----------------------------------------------------------------------------

void pg_values::begin_value(type which) {
    types_.push_back(ids[static_cast<std::size_t>(which)].of_one);
    starts_.push_back(data_.size());
    sizes_.push_back(0);
    is_null_ = false;
}

/// Dimensions, whether there are NULLs, the type of the items; of the dimension its size and where
/// it begins to count.
std::size_t pg_values::begin_array(type which) {
    begin_value(which);
    types_.back() = ids[static_cast<std::size_t>(which)].of_array;
    append_size(1);
    append_size(1); // it may have
    append_size(ids[static_cast<std::size_t>(which)].of_one);
    const std::size_t head = data_.size();
    append_size(0);
    append_size(1);
    return head;
}

void pg_values::end_array(std::size_t head, std::uint32_t count) {
    put(data_, head, count, 4);
    sizes_.back() = size_since_start();
}

void pg_values::end_item(std::size_t head) {
    const std::uint64_t size = data_.size() - head - 4;
    put(data_, head, is_null_ ? null : size, 4);
}

void pg_values::append_size(std::uint32_t size) {
    data_.resize(data_.size() + 4);
    put(data_, data_.size() - 4, size, 4);
}

void pg_values::append_integer(std::int64_t number) {
    data_.resize(data_.size() + 8);
    put(data_, data_.size() - 8, static_cast<std::uint64_t>(number), 8);
}

void pg_values::append_text(std::string_view text) { store_text(text, data_); }

std::vector<const char*> pg_values::pointers() const {
    std::vector<const char*> all;
    all.reserve(starts_.size());
    for (std::size_t i = 0; i < starts_.size(); ++i)
        all.push_back(sizes_[i] == null ? nullptr : data_.data() + starts_[i]);
    return all;
}

std::vector<int> pg_values::lengths() const {
    std::vector<int> all;
    all.reserve(sizes_.size());
    for (const std::uint32_t size : sizes_) all.push_back(static_cast<int>(size));
    return all;
}

// ---- what it gives -----------------------------------------------------------------------------

pg_rows::pg_rows(pg_result* result) noexcept
    : result_(result), is_binary_(PQbinaryTuples(result) != 0) {}

void clears_result::operator()(pg_result* result) const noexcept { PQclear(result); }

std::size_t pg_rows::size() const noexcept {
    return static_cast<std::size_t>(PQntuples(result_.get()));
}

bool pg_rows::is_null(int column) const noexcept {
    return PQgetisnull(result_.get(), row_, column) != 0;
}

std::string_view pg_rows::bytes(int column) const noexcept {
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

std::int64_t pg_rows::integer(int column) const noexcept {
    const std::string_view value = bytes(column);
    if (is_binary_) return signed_number_in(value);
    std::int64_t number = 0;
    std::from_chars(value.begin(), value.end(), number);
    return number;
}

std::optional<wall_time> pg_rows::instant_or_null(int column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return instant(column);
}

std::string pg_rows::text(int column) const { return restore_text(bytes(column)); }

template <class F>
void pg_rows::items(int column, F each) const {
    std::string_view rest = bytes(column);
    constexpr std::size_t head = 12; // dimensions, NULLs, type
    if (rest.size() < head + 8 || number_in(rest.substr(0, 4)) == 0) return; // it is empty
    std::uint64_t left = number_in(rest.substr(head, 4));
    for (rest.remove_prefix(head + 8); left > 0; --left) {
        const std::size_t size = number_in(rest.substr(0, 4));
        each(rest.substr(4, size));
        rest.remove_prefix(4 + size);
    }
}

std::vector<std::string> pg_rows::texts(int column) const {
    std::vector<std::string> all;
    items(column, [&](std::string_view item) { all.push_back(restore_text(item)); });
    return all;
}

std::vector<std::int64_t> pg_rows::integers(int column) const {
    std::vector<std::int64_t> all;
    items(column, [&](std::string_view item) { all.push_back(signed_number_in(item)); });
    return all;
}

std::int64_t pg_rows::written() const noexcept {
    const std::string_view text = PQcmdTuples(result_.get());
    std::int64_t count = 0;
    std::from_chars(text.begin(), text.end(), count);
    return count;
}

bool pg_rows::is_of(std::string_view command) const noexcept {
    return PQcmdStatus(result_.get()) == command;
}

} // namespace cicada::detail
