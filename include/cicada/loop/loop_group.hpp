#pragma once

#include <vector>

#include <cicada/loop/run.hpp>

namespace cicada {

/// Loops for all cores: one loop on each of a number of threads, that start and end as one.
///
///     cicada::loop_group loops;                                     // one for each core
///     auto beat = cicada::every(loops.next(), 1s, send_heartbeat);  // spread over them, in turn
///
/// What is started on a loop stays there. Threads: all functions from any thread, but not from the
/// group's own for the destructor, which closes all loops, cancels what is on them side by side,
/// and joins.
class CICADA_API loop_group {
public:
    /// 0: as many as the machine has cores.
    explicit loop_group(unsigned loops = 0, const thread_options& options = {});
    ~loop_group();
    loop_group(const loop_group&) = delete;
    loop_group& operator=(const loop_group&) = delete;

    std::size_t size() const noexcept { return threads_.size(); }
    loop& operator[](std::size_t i) const noexcept { return threads_[i].get(); }
    /// Each call gives the next of the loops, around.
    loop& next() noexcept {
        return threads_[turn_.fetch_add(1, std::memory_order_relaxed) % threads_.size()].get();
    }
    /// Starts the shutdown of all, without waiting for it.
    void close() noexcept;

private:
    std::vector<loop_thread> threads_;
    std::atomic<std::size_t> turn_{0};
};

} // namespace cicada
