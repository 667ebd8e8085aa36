#include <loop/timer_run.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <utility>

namespace cicada::detail {

namespace {

using entry = timer_run::entry;

/// Merges `others` into the entries between `gap` + `count` and `end`: the gap is as long as there
/// are others.
template <class GoesBefore>
void merge_over_gap(entry* gap, const entry* others, std::size_t count, const entry* end,
                    GoesBefore goes_before) {
    for (const entry* in = gap + count; count > 0;) {
        if (in != end && goes_before(in->deadline, others->deadline)) {
            *gap++ = *in++;
        } else {
            *gap++ = *others++;
            --count;
        }
    }
}

void sort_by_insertion(entry* first, std::size_t count) {
    for (std::size_t i = 1; i < count; ++i) {
        const entry moving = first[i];
        std::size_t to = i;
        for (; to > 0 && first[to - 1].deadline > moving.deadline; --to) first[to] = first[to - 1];
        first[to] = moving;
    }
}

/// Two passes over the bits in which deadlines of one slot differ.
void sort_by_radix(entry* first, std::size_t count, entry* scratch) {
    constexpr unsigned digit_bits = timer_place::slot_bits / 2;
    entry* source = first;
    entry* target = scratch;
    for (unsigned shift = 0; shift < timer_place::slot_bits; shift += digit_bits) {
        std::array<std::uint32_t, (1u << digit_bits)> starts{};
        const auto digit = [shift](const entry& e) {
            return (static_cast<std::uint64_t>(e.deadline) >> shift) % (1u << digit_bits);
        };
        for (std::size_t i = 0; i < count; ++i) ++starts[digit(source[i])];
        std::uint32_t sum = 0;
        for (auto& start : starts) sum += std::exchange(start, sum);
        for (std::size_t i = 0; i < count; ++i) target[starts[digit(source[i])]++] = source[i];
        std::swap(source, target);
    }
}

} // namespace

bool timer_run::read_deadlines(entry* first, std::size_t count) noexcept {
    constexpr std::size_t ahead = 16;
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    bool sorted = true;
    const auto read = [&](entry& e) {
        e.deadline = timer_place::deadline(*e.t);
        e.t->expires_soon();
        sorted = sorted && last <= e.deadline;
        last = e.deadline;
    };
    entry* const end = first + count;
    for (; end - first > static_cast<std::ptrdiff_t>(ahead); ++first) {
        __builtin_prefetch(first[ahead].t);
        read(*first);
    }
    for (; first != end; ++first) read(*first);
    return sorted;
}

void timer_run::sort(entry* first, std::size_t count, entries& scratch) {
    if (count <= few_timers) return sort_by_insertion(first, count);
    const auto later = [](const entry& a, const entry& b) { return a.deadline > b.deadline; };
    entry* const end = first + count;
    const entry* const fall = std::adjacent_find(first, end, later);
    if (fall == end) return;
    scratch.resize(std::max(scratch.size(), count));
    if (std::adjacent_find(fall + 1, static_cast<const entry*>(end), later) != end)
        return sort_by_radix(first, count, scratch.data());
    // What ticks at one rate, and has come around: two sorted parts.
    const auto gap = static_cast<std::size_t>(fall + 1 - first);
    std::copy_n(first, gap, scratch.data());
    merge_over_gap(first, scratch.data(), gap, end, std::less<>());
}

void timer_run::load(timer_chunks& chunks, timer_chunks::chain& twin, timer_chunks::chain& direct) {
    const std::size_t from = entries_.size();
    const std::size_t middle = from + twin.live;
    const std::size_t size = middle + direct.live;
    if (entries_.capacity() < size) entries_.reserve(std::max(size, 2 * entries_.capacity()));
    entries_.resize(size);
    chunks.drain_to(twin, entries_.data() + from);
    chunks.drain_to(direct, entries_.data() + middle);
    if (!read_deadlines(entries_.data() + from, size - from))
        sort(entries_.data() + from, size - from, scratch_);
}

/// Into the room of what has been handed out, before what is not due: that is not moved.
void timer_run::merge(entries& due, std::int64_t now) {
    if (due.empty()) return;
    if (is_done()) {
        entries_.swap(due);
        at_ = 0;
        due.clear();
        return;
    }
    const std::size_t count = due.size();
    if (at_ < count) {
        const std::size_t room = count + entries_.size();
        entries_.insert(entries_.begin(), room, entry{});
        at_ += room;
    }
    entry* const end = entries_.data() + entries_.size();
    entry* const not_due = std::find_if(entries_.data() + at_, end,
                                        [now](const entry& e) { return e.deadline > now; });
    at_ -= count;
    merge_over_gap(entries_.data() + at_, due.data(), count, not_due, std::less_equal<>());
    due.clear();
}

/// Its place may be where it was before it came here, or where it was here before others came.
void timer_run::disarm(timer& t) noexcept {
    const std::size_t noted = timer_place::index(timer_place::of(t)) & ~timer_place::run_bit;
    if (noted >= at_ && noted < entries_.size() && entries_[noted].t == &t) {
        entries_[noted].t = nullptr;
        return;
    }
    const std::int64_t deadline = timer_place::deadline(t);
    const auto before = [](const entry& e, std::int64_t d) { return e.deadline < d; };
    const auto first = std::lower_bound(entries_.begin() + static_cast<std::ptrdiff_t>(at_),
                                        entries_.end(), deadline, before);
    for (auto i = first; i != entries_.end() && i->deadline == deadline; ++i) {
        if (!i->t) continue;
        const auto index = static_cast<std::uint32_t>(i - entries_.begin());
        timer_place::of(*i->t) = timer_place::in_run(index);
        if (i->t == &t) i->t = nullptr;
    }
}

std::optional<std::int64_t> timer_run::next() const noexcept {
    for (std::size_t i = at_; i < entries_.size(); ++i) {
        if (entries_[i].t) return entries_[i].deadline;
    }
    return std::nullopt;
}

void timer_run::tidy() noexcept {
    if (is_done()) {
        entries_.clear();
        at_ = 0;
    } else if (at_ > 1024 && at_ > entries_.size() / 4 * 3) {
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ = 0;
    }
}

void timer_run::release() noexcept {
    entries().swap(entries_);
    entries().swap(scratch_);
    at_ = 0;
}

} // namespace cicada::detail
