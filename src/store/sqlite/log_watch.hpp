#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include <cicada/store/errors.hpp>

namespace cicada::detail {

/// Watches whether the log of a database can be folded. It cannot while somebody reads in one
/// transaction what it was before, and so grows. Once it is long, that is told until it is over.
///
/// Threads: warning() on any; the rest on one at a time.
class log_watch {
public:
    /// `longest`: bytes of log that are nothing to speak of.
    log_watch(std::string database, std::int64_t longest)
        : database_(std::move(database)), longest_(longest) {}

    /// After it was folded: so long is it, and so much of that is not needed any more.
    void folded(std::int64_t bytes, std::int64_t of_these) noexcept;
    bool is_held() const noexcept { return is_held_; }
    /// With who holds it, as was seen at first.
    std::optional<store_error> warning() const;

private:
    store_error of_log(std::int64_t bytes) const;

    const std::string database_;
    const std::int64_t longest_;
    bool is_held_ = false;
    mutable std::mutex mutex_;
    std::optional<store_error> warning_; // guarded by mutex_
};

} // namespace cicada::detail
