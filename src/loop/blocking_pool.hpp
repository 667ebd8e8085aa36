#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <cicada/base/list.hpp>
#include <cicada/loop/blocking.hpp>

namespace cicada::detail {

/// At most `most_threads` threads, started on demand, that run blocking calls in the order in which
/// they came.
class blocking_pool {
public:
    explicit blocking_pool(unsigned most_threads)
        : most_threads_(most_threads > 0 ? most_threads : 1) {}
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;
    /// Runs what was submitted, then joins the threads.
    ~blocking_pool();

    /// Sees to it that there is a thread for one more call. Throws when there is none at all.
    void admit();
    void submit(blocking_call& call) noexcept;
    /// True: it had not started and will not.
    bool withdraw(blocking_call& call) noexcept;

private:
    void serve();

    const unsigned most_threads_;
    std::mutex mutex_;
    std::condition_variable changed_;
    list<blocking_call> waiting_;
    std::size_t waiting_count_ = 0;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool closing_ = false;
};

} // namespace cicada::detail
