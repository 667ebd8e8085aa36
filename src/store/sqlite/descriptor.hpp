#pragma once

#include <string>
#include <utility>

namespace cicada::detail {

/// Owns a file descriptor of the system.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor();

    explicit operator bool() const noexcept { return number_ >= 0; }
    int number() const noexcept { return number_; }

private:
    int number_ = -1;
};

/// Throws the store_error that this errno stands for.
[[noreturn]] void throw_errno(int error, const std::string& path, const char* what,
                              const char* mend);

} // namespace cicada::detail
