#pragma once

/// What of a file is on disk, and what is not yet.

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Seed 0 always picks the least, seed 1 the most.
class chance {
public:
    explicit chance(std::uint64_t seed) : seed_(seed), random_(seed) {}
    bool coin() { return pick(1) == 1; }
    /// 0 to most.
    std::uint64_t pick(std::uint64_t most) {
        if (seed_ < 2) return seed_ * most;
        return std::uniform_int_distribution<std::uint64_t>(0, most)(random_);
    }

private:
    std::uint64_t seed_;
    std::mt19937_64 random_;
};

class durable_image {
public:
    static constexpr std::int64_t sector = 512;

    durable_image() = default;
    explicit durable_image(std::string on_disk) : bytes_(std::move(on_disk)), is_named_(true) {}

    const std::string& bytes() const { return bytes_; }
    /// Whether the file would be found after a loss of power.
    bool is_named() const { return is_named_; }

    void write(std::int64_t at, std::string_view bytes) {
        pending_.push_back({.at = at, .bytes = std::string(bytes)});
    }
    void truncate(std::int64_t size) { pending_.push_back({.at = size, .is_truncation = true}); }

    void sync() {
        for (const change& one : pending_) {
            if (one.is_truncation) {
                bytes_.resize(static_cast<std::size_t>(one.at));
            } else {
                put(one.at, one.bytes);
            }
        }
        pending_.clear();
        is_named_ = true;
    }

    /// Some of what is pending reaches the disk, and the rest never does. Of each sector it is any
    /// of the states that it has gone through.
    void settle(chance& by) {
        std::map<std::int64_t, std::uint64_t> kept; // of each sector, so many of its writes
        for (const change& one : pending_) {
            each_sector(one, [&](std::int64_t n, std::int64_t, std::string_view) { ++kept[n]; });
        }
        for (auto& [number, writes] : kept) writes = by.pick(writes);
        for (const change& one : pending_) {
            if (one.is_truncation) {
                if (by.coin()) bytes_.resize(static_cast<std::size_t>(one.at));
                continue;
            }
            each_sector(one, [&](std::int64_t n, std::int64_t at, std::string_view bytes) {
                if (kept[n] == 0) return;
                --kept[n];
                put(at, bytes);
            });
        }
        pending_.clear();
    }

private:
    struct change {
        std::int64_t at = 0; // or the size
        std::string bytes = {};
        bool is_truncation = false;
    };

    void put(std::int64_t at, std::string_view bytes) {
        const auto from = static_cast<std::size_t>(at);
        if (bytes_.size() < from + bytes.size()) bytes_.resize(from + bytes.size());
        bytes_.replace(from, bytes.size(), bytes);
    }
    /// Calls f(sector's number, where, bytes).
    template <class F>
    static void each_sector(const change& one, F f) {
        std::int64_t at = one.at;
        for (std::string_view rest = one.bytes; !rest.empty();) { // none of a truncation
            const auto room = static_cast<std::size_t>(sector - at % sector);
            const std::string_view part = rest.substr(0, room);
            f(at / sector, at, part);
            at += static_cast<std::int64_t>(part.size());
            rest.remove_prefix(part.size());
        }
    }

    std::string bytes_;
    std::vector<change> pending_;
    bool is_named_ = false;
};

} // namespace support
