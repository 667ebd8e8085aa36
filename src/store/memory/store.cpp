#include <store/memory/store.hpp>

#include <algorithm>

#include <store/memory/transaction.hpp>

namespace cicada::detail {

memory_store::~memory_store() = default;

void memory_store::write(std::span<part* const> parts) {
    carry_out(parts);
    if (options_.written) options_.written();
}

void memory_store::carry_out(std::span<part* const> parts) {
    const std::lock_guard lock(mutex_);
    const wall_time now = options_.now();
    undo_log& log = last_.emplace_back(); // before anything is written, for it may throw
    memory_transaction all(tables_, log, options_, now);
    for (part* const one : parts) {
        const std::size_t before = log.size();
        try {
            one->error = nullptr;
            one->run(all);
        } catch (...) {
            one->error = std::current_exception();
            log.back_to(before);
        }
    }
    if (log.empty()) last_.pop_back();
    if (last_.size() > options_.losable) last_.pop_front();
}

void memory_store::read(const function<void(reading&)>& ask) {
    const std::lock_guard lock(mutex_);
    undo_log nothing;
    memory_transaction all(tables_, nothing, options_, options_.now());
    ask(all);
}

void memory_store::lose_last(std::size_t transactions) {
    const std::lock_guard lock(mutex_);
    for (; transactions > 0 && !last_.empty(); --transactions) {
        last_.back().back_to(0);
        last_.pop_back();
    }
}

} // namespace cicada::detail
