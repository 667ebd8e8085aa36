// The bare limit for timers: a wheel whose slots are lists of 512-byte chunks of {deadline, node*}.
//
// Arming appends to the last chunk of a slot; disarming blanks the entry, found by a back pointer,
// and frees a chunk whose entries are all blank. Firing walks the chunks in order and prefetches
// nodes a dozen entries ahead.
// Exact: a slot's entries are sorted when its time comes and fired at their deadline, else at the
// slot's end. It has no handles, no errors, no ties, no bounds: the least that this work can cost,
// not a product.
#pragma once

#include "harness.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace bare {

struct entry;

struct node {
    std::int64_t deadline = 0;
    entry* where = nullptr;
};

struct entry {
    std::int64_t deadline;
    node* who; // nullptr: disarmed
};

struct alignas(512) chunk {
    chunk* next;
    chunk* previous;
    std::uint32_t slot;
    std::uint16_t count, live;
    entry entries[30];

    static chunk* of(entry* e) noexcept {
        return reinterpret_cast<chunk*>(reinterpret_cast<std::uintptr_t>(e) & ~511ul);
    }
};
static_assert(sizeof(chunk) == 512);

/// Slots of 2^Shift ns; three levels of 1,024.
template <int Shift = 20, bool Exact = false>
class wheel {
public:
    explicit wheel(std::int64_t now) : tick_{now >> Shift} {}
    ~wheel() {
        for (void* block : blocks_) std::free(block);
    }
    wheel(const wheel&) = delete;

    void arm(node& n, std::int64_t deadline) noexcept {
        n.deadline = deadline;
        const auto tick = Exact ? deadline >> Shift : (deadline + (1L << Shift) - 1) >> Shift;
        auto ahead = tick - tick_;
        if (ahead <= 0) {
            if constexpr (Exact) return arm_now(n);
            ahead = 1;
        }
        if (ahead < 1024)
            append(static_cast<std::uint32_t>((tick_ + ahead) & 1023), n);
        else if (ahead < (1 << 20) - 1024)
            append(static_cast<std::uint32_t>(1024 + (tick >> 10 & 1023)), n);
        else
            append(static_cast<std::uint32_t>(2048 + (tick >> 20 & 1023)), n);
    }

    /// Of a node that is armed, in a slot whose time has not come.
    void disarm(node& n) noexcept {
        entry* e = n.where;
        n.where = nullptr;
        chunk* c = chunk::of(e);
        e->who = nullptr;
        if (e + 1 == c->entries + c->count) --c->count;
        if (--c->live == 0) {
            c->count = 0;
            if (tails_[c->slot] != c) unlink(c);
        }
    }

    /// Calls fire(node&) for all that is due at `now`, in order of slots (exact: of deadlines).
    template <class F>
    void expire(std::int64_t now, F&& fire) {
        const auto target = now >> Shift;
        if constexpr (Exact) fire_sorted(now, fire);
        while (tick_ < target) {
            ++tick_;
            if ((tick_ & 1023) == 0) cascade();
            const auto slot = static_cast<std::uint32_t>(tick_ & 1023);
            chunk* c = take(slot);
            if constexpr (Exact) {
                collect(c);
                fire_sorted(now, fire);
            } else {
                walk(c, fire);
            }
        }
    }

    /// When to call expire again; at most a turn of the first level away.
    std::int64_t next() const noexcept {
        if (Exact && at_ < sorted_.size()) return sorted_[at_].deadline;
        for (std::int64_t t = tick_ + 1;; ++t)
            if (heads_[t & 1023] || (t & 1023) == 0) return t << Shift;
    }

private:
    void append(std::uint32_t slot, node& n) noexcept {
        chunk* c = tails_[slot];
        if (!c || c->count == 30) c = grow(slot);
        entry& e = c->entries[c->count++];
        ++c->live;
        e = {n.deadline, &n};
        n.where = &e;
    }

    [[gnu::noinline]] chunk* grow(std::uint32_t slot) noexcept {
        if (!free_) {
            constexpr std::size_t count = 128;
            auto* block = static_cast<chunk*>(std::aligned_alloc(512, count * sizeof(chunk)));
            blocks_.push_back(block);
            for (std::size_t i = count; i-- > 0;) block[i].next = free_, free_ = &block[i];
        }
        chunk* c = free_;
        free_ = c->next;
        c->next = nullptr, c->previous = tails_[slot], c->slot = slot, c->count = c->live = 0;
        (c->previous ? c->previous->next : heads_[slot]) = c;
        return tails_[slot] = c;
    }

    void unlink(chunk* c) noexcept {
        (c->previous ? c->previous->next : heads_[c->slot]) = c->next;
        c->next->previous = c->previous; // never the tail
        c->next = free_, free_ = c;
    }

    chunk* take(std::uint32_t slot) noexcept {
        chunk* c = heads_[slot];
        heads_[slot] = tails_[slot] = nullptr;
        return c;
    }

    static void prefetch(const node* n) noexcept {
        __builtin_prefetch(n, 1);
        __builtin_prefetch(reinterpret_cast<const char*>(n) + 64, 1);
    }

    template <class F>
    void walk(chunk* c, F&& fire) {
        constexpr int ahead = 12;
        while (c) {
            chunk* next = c->next;
            if (next) __builtin_prefetch(next), __builtin_prefetch(next->entries + ahead - 1);
            for (int i = 0; i < c->count; ++i) {
                const int j = i + ahead;
                if (j < c->count)
                    prefetch(c->entries[j].who);
                else if (next && j - c->count < next->count)
                    prefetch(next->entries[j - c->count].who);
                if (node* n = c->entries[i].who) fire(*n);
            }
            c->next = free_, free_ = c;
            c = next;
        }
    }

    void cascade() noexcept {
        const auto again = [this](node& n) { arm_again(n); };
        if ((tick_ & 0xfffff) == 0)
            walk(take(static_cast<std::uint32_t>(2048 + (tick_ >> 20 & 1023))), again);
        walk(take(static_cast<std::uint32_t>(1024 + (tick_ >> 10 & 1023))), again);
    }

    void arm_again(node& n) noexcept { // also for the slot that is about to be taken
        const auto tick = Exact ? n.deadline >> Shift : (n.deadline + (1L << Shift) - 1) >> Shift;
        if (tick <= tick_)
            append(static_cast<std::uint32_t>(tick_ & 1023), n);
        else
            arm(n, n.deadline);
    }

    void collect(chunk* c) {
        while (c) {
            chunk* next = c->next;
            for (int i = 0; i < c->count; ++i)
                if (c->entries[i].who) sorted_.push_back(c->entries[i]);
            c->next = free_, free_ = c;
            c = next;
        }
        std::sort(sorted_.begin() + static_cast<long>(at_), sorted_.end(), earlier);
    }

    template <class F>
    void fire_sorted(std::int64_t now, F&& fire) {
        constexpr std::size_t ahead = 12;
        while (at_ < sorted_.size() && sorted_[at_].deadline <= now) {
            if (at_ + ahead < sorted_.size()) prefetch(sorted_[at_ + ahead].who);
            fire(*sorted_[at_++].who);
        }
        if (at_ == sorted_.size()) sorted_.clear(), at_ = 0;
    }

    void arm_now(node& n) {
        const entry e{n.deadline, &n};
        sorted_.insert(
            std::upper_bound(sorted_.begin() + static_cast<long>(at_), sorted_.end(), e, earlier),
            e);
    }

    static bool earlier(const entry& a, const entry& b) noexcept { return a.deadline < b.deadline; }

    std::int64_t tick_;
    chunk* free_ = nullptr;
    std::vector<entry> sorted_;
    std::size_t at_ = 0;
    std::vector<void*> blocks_;
    chunk* heads_[3072] = {};
    chunk* tails_[3072] = {};
};

inline void sleep_until(std::int64_t at) noexcept {
    const timespec t{at / 1'000'000'000, at % 1'000'000'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

/// The due time after `now` of a periodic that was due at `due`: what a fixed rate costs at least.
inline std::int64_t after(std::int64_t due, std::int64_t period, std::int64_t now) noexcept {
    due += period;
    return due > now ? due : now + period - (now - due) % period;
}

} // namespace bare
