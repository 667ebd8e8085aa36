#include <jobs/running.hpp>

#include <algorithm>

#include <cicada/base/rfc3339.hpp>

namespace cicada::detail {

namespace {

/// Adds to a ring of `most` bytes; what does not fit overwrites the oldest.
void add(std::string& ring, std::size_t& oldest, std::string_view text, std::size_t most) {
    if (text.size() > most) text.remove_prefix(text.size() - most);
    const std::size_t fits = std::min(text.size(), most - ring.size());
    ring.append(text.substr(0, fits));
    for (text.remove_prefix(fits); !text.empty();) {
        const std::size_t piece = std::min(text.size(), most - oldest);
        text.copy(ring.data() + oldest, piece);
        text.remove_prefix(piece);
        oldest = (oldest + piece) % most;
    }
}

/// Where the run was given no key: one that no other run has.
std::string key_of(const run_row& one) {
    const run_record& of = one.of;
    if (!of.key.empty()) return of.key;
    if (of.origin == run_origin::scheduled) return of.job + "@" + format_instant(of.nominal);
    const std::string& name = of.job.empty() ? of.kind : of.job;
    return name + "#" + std::to_string(static_cast<std::int64_t>(of.id));
}

} // namespace

running::running(run_row of) : row(std::move(of)), key(key_of(row)) {}

void running::log(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (!is_open_) return;
    add(log_, oldest_, line, most_log);
    add(log_, oldest_, "\n", most_log);
}

void running::report(std::string_view progress) {
    const std::lock_guard lock(mutex_);
    if (is_open_) report_ = progress.substr(0, most_report);
}

running::written running::close() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
    if (oldest_ > 0)
        std::rotate(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(oldest_), log_.end());
    return {std::move(log_), std::move(report_)};
}

} // namespace cicada::detail
