#include <schedule/tzif.hpp>

#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <schedule/posix_tz.hpp>

namespace cicada::detail {

namespace {

/// Takes fields of big-endian bytes from the front.
class file_reader {
public:
    explicit file_reader(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::uint64_t size) {
        if (size > rest_.size()) throw std::invalid_argument("the file is cut short");
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
    /// Two's complement, of 4 or 8 bytes.
    std::int64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (const char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
        if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
        return static_cast<std::int64_t>(value);
    }
    std::uint32_t count() { return static_cast<std::uint32_t>(number(4)); }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

struct header {
    char version;
    std::uint32_t is_utc, is_standard, leaps, times, types, chars; // counts, in the file's order

    /// The bytes that follow it.
    std::uint64_t data_size(std::uint64_t time_size) const {
        return times * (time_size + 1) + types * std::uint64_t{6} + chars +
               leaps * (time_size + 4) + is_standard + is_utc;
    }
};

header read_header(file_reader& in) {
    if (in.rest().substr(0, 4) != "TZif") throw std::invalid_argument("the file is not TZif");
    in.take(4);
    header h{};
    h.version = in.take(1)[0];
    if (h.version != '\0' && (h.version < '2' || h.version > '9')) {
        throw std::invalid_argument("the file is of an unknown version of TZif");
    }
    in.take(15);
    for (std::uint32_t* count :
         {&h.is_utc, &h.is_standard, &h.leaps, &h.times, &h.types, &h.chars}) {
        *count = in.count();
    }
    return h;
}

void check(const header& h) {
    if (h.leaps != 0) {
        throw std::invalid_argument("the file counts leap seconds, which the system's clock does "
                                    "not; use the zone of the same name outside of right/");
    }
    const bool has_counts =
        h.types > 0 && h.types <= 256 && h.chars > 0 && h.times <= timeline::most_changes / 2 &&
        (h.is_utc == 0 || h.is_utc == h.types) && (h.is_standard == 0 || h.is_standard == h.types);
    if (!has_counts) throw std::invalid_argument("the file has impossible counts");
}

std::vector<local_type> read_types(file_reader bytes, const header& h, std::string_view names) {
    std::vector<local_type> types;
    for (std::uint32_t i = 0; i < h.types; ++i) {
        const std::int64_t offset = bytes.number(4);
        const std::uint8_t is_dst = bytes.byte();
        const std::size_t name_at = bytes.byte();
        const std::size_t name_end = names.find('\0', name_at);
        // The bounds of RFC 9636, section 3.2.
        if (offset < -89'999 || offset > 93'599) {
            throw std::invalid_argument("the file has an offset beyond -25 to +26 hours");
        }
        if (is_dst > 1 || name_end == std::string_view::npos) {
            throw std::invalid_argument("the file has an impossible local time type");
        }
        types.push_back({std::chrono::seconds(offset), is_dst == 1,
                         std::string(names.substr(name_at, name_end - name_at))});
    }
    return types;
}

std::string_view read_footer(std::string_view rest) {
    const std::size_t end = rest.empty() ? std::string_view::npos : rest.find('\n', 1);
    if (end == std::string_view::npos || rest[0] != '\n') {
        throw std::invalid_argument("the file's last line is cut short");
    }
    return rest.substr(1, end - 1);
}

} // namespace

zone_rules parse_tzif(std::string_view file) {
    file_reader in(file);
    header h = read_header(in);
    const bool has_64_bits = h.version != '\0';
    const std::size_t time_size = has_64_bits ? 8 : 4;
    if (has_64_bits) { // the same with times of 4 bytes comes first, for readers of version 1
        in.take(h.data_size(4));
        h = read_header(in);
    }
    check(h);
    file_reader times(in.take(h.times * std::uint64_t{time_size}));
    const std::string_view type_of = in.take(h.times);
    const file_reader types_bytes(in.take(h.types * std::uint64_t{6}));
    const std::string_view names = in.take(h.chars);
    in.take(h.is_standard + std::uint64_t{h.is_utc});

    const std::vector<local_type> types = read_types(types_bytes, h, names);
    timeline line(types.front());
    std::vector<timeline::type_index> indices;
    for (const local_type& type : types) indices.push_back(line.add_type(type));

    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (std::uint32_t i = 0; i < h.times; ++i) {
        const std::int64_t at = times.number(time_size);
        const auto type = static_cast<std::uint8_t>(type_of[i]);
        if (i > 0 && at <= last) throw std::invalid_argument("the file's changes are not in order");
        if (type >= types.size()) throw std::invalid_argument("the file names a type it lacks");
        line.append(last = at, indices[type]);
    }
    if (has_64_bits) {
        const std::string_view footer = read_footer(in.rest());
        // Also for all of time, if there are no changes; from the last one on it must agree.
        if (!footer.empty()) append_changes(line, parse_posix_tz(footer), last);
    }
    return zone_rules(line);
}

} // namespace cicada::detail
