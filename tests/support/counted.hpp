#pragma once

namespace support {

/// Counts its living copies, to show when something is destroyed.
class counted {
public:
    explicit counted(int& alive) noexcept : alive_(&alive) { ++*alive_; }
    counted(const counted& other) noexcept : counted(*other.alive_) {}
    counted(counted&& other) noexcept : counted(*other.alive_) {}
    counted& operator=(const counted&) = delete;
    ~counted() { --*alive_; }

private:
    int* alive_;
};

} // namespace support
