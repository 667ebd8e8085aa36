#include <store/sqlite/log_watch.hpp>

#include <store/sqlite/log_readers.hpp>

namespace cicada::detail {

void log_watch::folded(std::int64_t bytes, std::int64_t of_these) noexcept {
    const bool is_held = of_these < bytes && (is_held_ || bytes > longest_);
    if (is_held == is_held_) return;
    try {
        auto warning = is_held ? std::optional(of_log(bytes)) : std::nullopt;
        const std::lock_guard lock(mutex_);
        warning_ = std::move(warning);
        is_held_ = is_held;
    } catch (const std::exception&) { // no memory to say it; the next time there may be
    }
}

store_error log_watch::of_log(std::int64_t bytes) const {
    return {store_fault::log_held, database_,
            "has a log of " + std::to_string(bytes >> 20) + " MiB, which grows while " +
                log_readers(database_) + " reads it in one transaction",
            "end that transaction, or that program"};
}

std::optional<store_error> log_watch::warning() const {
    const std::lock_guard lock(mutex_);
    return warning_;
}

} // namespace cicada::detail
