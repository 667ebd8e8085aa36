#include <loop/timer_store.hpp>

namespace cicada::detail {

timer_store::timer_store(std::int64_t now) : levels_(chunks_, now), late_(chunks_) {}

[[gnu::noinline]] void timer_store::arm_far(timer& t) { arm_in(levels_.slot_for(t), t); }

[[gnu::noinline]] void timer_store::arm_in_new_chunk(timer& t) {
    levels_.have_left(timer_place::deadline(t)) ? late_.put(t) : levels_.put(t);
    ++size_;
}

void timer_store::collect(std::int64_t now) noexcept {
    run_.tidy();
    late_.collect(now, run_);
    levels_.advance(now, [&](timer_chunks::chain& twin, timer_chunks::chain& direct) {
        run_.load(chunks_, twin, direct);
    });
}

[[gnu::noinline]] void timer_store::release_burst() noexcept {
    if (!run_.is_done() || !late_.is_empty()) return;
    if (run_.size() > capacity() / 8) burst_at_ = levels_.tick();
    if (levels_.has_some_soon() && levels_.tick() - burst_at_ < timer_levels::fine_slots) return;
    run_.release();
    late_.release();
}

std::optional<std::int64_t> timer_store::next() const noexcept {
    std::optional<std::int64_t> first = run_.next();
    const std::optional<std::int64_t> late = late_.next();
    if (late && (!first || *late < *first)) first = late;
    return levels_.next(first);
}

std::size_t timer_store::memory() const noexcept {
    return sizeof(*this) + chunks_.memory() + levels_.memory() + run_.memory() + late_.memory();
}

} // namespace cicada::detail
