#pragma once

/// TZif files by hand: fields that a test may bend, and the bytes that they make.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace support {

struct tzif_bytes {
    struct type {
        std::int32_t offset;
        std::uint8_t is_dst;
        std::uint8_t name_at;
    };
    char version = '2';
    std::vector<std::pair<std::int64_t, std::uint8_t>> changes; // seconds, type
    std::vector<type> types{{0, 0, 0}};
    std::string names{"LMT\0", 4};
    std::string footer;
    std::uint32_t leaps = 0;
    std::uint32_t is_standard = 0;
    std::uint32_t is_utc = 0;
    std::optional<std::uint32_t> count_of_changes{}; // what the header says, if not the truth
    std::optional<std::uint32_t> count_of_types{};
    std::optional<std::uint32_t> count_of_chars{};

    std::string bytes() const {
        if (version == '\0') return block(4);
        return tzif_bytes{.version = version, .leaps = leaps}.block(4) + block(8) + '\n' + footer +
               '\n';
    }

private:
    static void put(std::string& to, std::int64_t value, int size) {
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
            to.push_back(static_cast<char>(value >> shift & 0xff));
        }
    }
    std::string block(int time_size) const {
        std::string b = "TZif";
        b.push_back(version);
        b.append(15, '\0');
        put(b, is_utc, 4);
        put(b, is_standard, 4);
        put(b, leaps, 4);
        put(b, count_of_changes.value_or(static_cast<std::uint32_t>(changes.size())), 4);
        put(b, count_of_types.value_or(static_cast<std::uint32_t>(types.size())), 4);
        put(b, count_of_chars.value_or(static_cast<std::uint32_t>(names.size())), 4);
        for (const auto& [at, which] : changes) put(b, at, time_size);
        for (const auto& [at, which] : changes) put(b, which, 1);
        for (const type& t : types) {
            put(b, t.offset, 4);
            put(b, t.is_dst, 1);
            put(b, t.name_at, 1);
        }
        b.append(names);
        b.append(leaps * static_cast<std::size_t>(time_size + 4), '\0');
        b.append(is_standard + is_utc, '\0');
        return b;
    }
};

} // namespace support
