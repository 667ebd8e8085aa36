#pragma once

/// thread_link: to an embedded store, by two threads: one that writes, and one that reads.
///
/// The first takes *all* errands that wait, and has them done in one transaction: 64 callers, one
/// fsync, and while that lasts the next ones gather. Each part that throws undoes only itself. If
/// the transaction fails, all of its errands get that error.
///
/// Threads:  any.
/// Lifetime: the destructor has done what waits, and joins the threads. The store outlives it.
/// Cost:     what waits is bounded by nothing but memory: who asks awaits the answer before they
///           ask again.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <jobs/link.hpp>

namespace cicada::detail {

class CICADA_API thread_link final : public store_link {
public:
    /// `clock` is the store's, and may be called on any thread.
    thread_link(store& to, function<wall_time()> clock);
    ~thread_link() override;

    void carry(std::shared_ptr<errand> what) override;
    void carry_reading(std::shared_ptr<question> what) override;
    wall_time now() override { return clock_(); }

private:
    /// What waits for one of the threads.
    template <class What>
    class queue {
    public:
        void push(std::shared_ptr<What> one);
        /// Waits until there is something, and gives all of it. Empty: it was closed.
        std::vector<std::shared_ptr<What>> take_all();
        void close();

    private:
        std::mutex mutex_;
        std::condition_variable changed_;
        std::vector<std::shared_ptr<What>> waiting_;
        bool is_closed_ = false;
    };

    void write_all();
    void read_all();

    store& to_;
    const function<wall_time()> clock_;
    queue<errand> errands_;
    queue<question> questions_;
    std::thread writer_;
    std::thread reader_;
};

} // namespace cicada::detail
