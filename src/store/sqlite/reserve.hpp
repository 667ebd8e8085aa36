#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace cicada::detail {

/// Room on the disk that is set aside for when it is full, as the file `<database>.reserve`: given
/// back then, it is what the store goes on with until somebody makes room. Meanwhile it is for what
/// is there already: see sqlite_work.
class reserve {
public:
    static constexpr std::int64_t size = 8 << 20;

    explicit reserve(const std::string& database)
        : database_(database), path_(database + ".reserve") {}

    /// Unless it is there, or the disk has little more room than that.
    void make() noexcept;
    /// For the disk is full, even if there was none to give.
    void give_back() noexcept;
    /// And not made again since. Any thread.
    bool is_given_back() const noexcept { return is_given_back_; }

private:
    std::string database_;
    std::string path_;
    std::atomic<bool> is_given_back_{false};
};

} // namespace cicada::detail
