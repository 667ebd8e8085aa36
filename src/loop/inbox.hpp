#pragma once

/// What was posted to a loop and has yet to run.
///
/// Small callables lie one behind the other in *chunks*, as records: the function that runs it, and
/// the callable itself. To post one is to move it behind the last, under a lock; the loop takes the
/// whole chain, and runs through it in the order of memory. Whatever else is posted is a `work` of
/// its own. Its address becomes such a record if the last chunk has room, and else it is linked by
/// itself: so to post what was made beforehand takes no memory, and cannot fail.
///
///     first -> [record record ...] -> work -> work -> [record record ... room]
///
/// A few chunks that have been run are kept, and used again; those of a burst go back.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include <cicada/async/activity.hpp>
#include <cicada/base/owned.hpp>
#include <cicada/loop/loop.hpp>

namespace cicada::detail {

/// Excludes for a few instructions at a time. Who lets go of it touches it no more after that one
/// store, so that the next may destroy it.
class brief_lock {
public:
    void lock() noexcept {
        if (is_held_.exchange(true, std::memory_order_acquire)) [[unlikely]]
            wait();
    }
    void unlock() noexcept { is_held_.store(false, std::memory_order_release); }

private:
    void wait() noexcept;
    std::atomic<bool> is_held_{false};
};

struct post_chunk final : work {
    post_chunk() noexcept { is_chunk = true; }
    void run() override {} // the chain runs its records
    std::byte* end = nullptr; // of the records, once it is not the last any more
    std::byte records[4096 - 6 * sizeof(void*)]; // with what malloc adds, a page
};

/// What a record begins with: see small_call.
using runner = void (*)(void*& at);

/// The chain, and the chunks that are kept for it. One thread at a time.
class post_chain {
public:
    static constexpr int most_kept = 32;

    post_chain() = default;
    post_chain(const post_chain&) = delete;
    post_chain& operator=(const post_chain&) = delete;
    ~post_chain();

    /// Throws std::bad_alloc, and has not touched `*f`.
    void push(void (*put)(void* f, void* to) noexcept, std::size_t size, void* f) {
        if (room() < size) [[unlikely]]
            add_chunk();
        put(f, end_);
        end_ += size;
    }
    void push(work& item) noexcept;

    bool empty() const noexcept { return first_ == nullptr; }
    /// The first; and leaves it empty.
    work* take() noexcept;
    /// For use again. False: enough are kept.
    bool keep(post_chunk& chunk) noexcept;

private:
    std::size_t room() const noexcept { return static_cast<std::size_t>(limit_ - end_); }
    void add_chunk();
    void append(work& one) noexcept;
    void finish_chunk() noexcept;

    work* first_ = nullptr;
    work* last_ = nullptr;
    std::byte* end_ = nullptr; // of the records in the last; null: that is no chunk
    std::byte* limit_ = nullptr;
    work* first_kept_ = nullptr;
    int kept_ = 0;
};

/// What a loop and those who post to it share. Empty when it goes.
class inbox {
public:
    explicit inbox(bool is_woken_by_every_post) noexcept
        : is_woken_by_every_post_(is_woken_by_every_post) {}

    // From threads other than the loop's. True: the caller is to wake the loop, which stays until
    // has_woken(). Without that it may be gone when push() returns.

    /// Throws std::bad_alloc, and has not touched `*f`.
    [[nodiscard]] bool push(void (*put)(void* f, void* to) noexcept, std::size_t size, void* f) {
        const std::lock_guard lock(lock_);
        others_.push(put, size, f);
        return filled();
    }
    [[nodiscard]] bool push(work& item) noexcept {
        const std::lock_guard lock(lock_);
        others_.push(item);
        return filled();
    }
    void has_woken() noexcept { wakers_.fetch_sub(1, std::memory_order_release); }

    // On the loop's thread.

    /// What that posts itself comes before what others do, and wakes nobody.
    post_chain& local() noexcept { return local_; }
    bool holds_others() const noexcept {
        return state_.load(std::memory_order_relaxed) == state::filled;
    }
    bool empty() const noexcept { return local_.empty() && !holds_others(); }

    /// Calls `call(f)` for each `f` that was posted by now; what comes meanwhile is for the next
    /// time. `f()` may throw.
    template <class Call>
    void run(Call call) noexcept {
        work* const local = local_.take();
        work* const others = take_others();
        run(local, call, [this](post_chunk& drained) { return local_.keep(drained); });
        run(others, call, [this](post_chunk& drained) {
            const std::lock_guard lock(lock_);
            return others_.keep(drained);
        });
    }
    /// From here on the next post from another thread, and only that, wakes the loop. False: there
    /// is one already.
    bool sleep() noexcept;
    /// Waits for those who have yet to wake the loop.
    void await_wakers() const noexcept;

private:
    /// asleep --push, which wakes--> filled --run--> awake --push--> filled
    /// awake --sleep--> asleep --run--> awake
    enum class state : std::uint8_t { asleep, awake, filled };

    /// True: somebody is to wake the loop, and has been counted.
    bool filled() noexcept {
        const state before = state_.load(std::memory_order_relaxed);
        if (before == state::filled && !is_woken_by_every_post_) [[likely]]
            return false;
        state_.store(state::filled, std::memory_order_relaxed);
        if (before == state::awake && !is_woken_by_every_post_) return false;
        wakers_.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    work* take_others() noexcept;
    template <class Call, class Keep>
    static void run(work* list, Call& call, Keep keep) noexcept;

    post_chain local_;
    const bool is_woken_by_every_post_;
    std::atomic<std::uint32_t> wakers_{0};
    alignas(64) brief_lock lock_; // of what follows
    std::atomic<state> state_{state::asleep}; // written under the lock
    post_chain others_;
};

template <class Call, class Keep>
void inbox::run(work* list, Call& call, Keep keep) noexcept {
    while (list) {
        owned<work> item(std::exchange(list, list->next));
        if (!item->is_chunk) {
            call([&] { item->run(); });
            continue;
        }
        auto& chunk = static_cast<post_chunk&>(*item);
        for (void* at = chunk.records; at != chunk.end;)
            call([&at] { (*static_cast<runner*>(at))(at); });
        if (keep(chunk)) item.release();
    }
}

} // namespace cicada::detail
