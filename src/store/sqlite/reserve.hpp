#pragma once

#include <cstdint>
#include <string>

namespace cicada::detail {

/// Room on the disk that is set aside for when it is full, as the file `<database>.reserve`: given
/// back then, it is what the store goes on with until somebody makes room.
class reserve {
public:
    static constexpr std::int64_t size = 8 << 20;

    explicit reserve(const std::string& database)
        : database_(database), path_(database + ".reserve") {}

    /// Unless it is there, or the disk has little more room than that.
    void make() noexcept;
    /// Whether that has made room.
    bool give_back() noexcept;

private:
    std::string database_;
    std::string path_;
};

} // namespace cicada::detail
