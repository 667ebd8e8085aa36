#pragma once

/// periodic_set: periodics and one-shots that are cancelled as one.
///
///     cicada::periodic_set background;
///     background.add(cicada::every(1s, poll));
///     background.add(cicada::every(cicada::cron("@daily"), rotate_logs));
///     ...
///     co_await background.cancel();               // request of all, then wait for all
///
/// Tasks have scopes for that: see scope.hpp.
///
/// Threads:  any, one at a time; what is in it may belong to several loops.
/// Lifetime: dropping the set, or assigning to it, requests cancel of all.
/// Errors:   an error that ended one of them (on_error::stop) is kept for cancel(); further ones,
///           and when the set is dropped the first as well, go to the error handler of its loop.
/// Cost:     8 bytes each. What has ended leaves the set as others are added, so that it does not
///           grow.

#include <cicada/async/task.hpp>
#include <cicada/periodic/every.hpp>

namespace cicada {

class CICADA_API periodic_set {
public:
    periodic_set() = default;
    periodic_set(periodic_set&&) noexcept = default;
    periodic_set& operator=(periodic_set&& other) noexcept;

    /// Throws std::logic_error for an empty handle.
    void add(periodic one);

    /// Those that have not ended. O(n).
    std::size_t size() const noexcept;

    /// What cancel() returns. The request has been made; awaiting it, once, waits until no code of
    /// them runs or will run and what they held is destroyed, and rethrows the error that ended one
    /// of them: of several, of the one that was added first. May be dropped.
    ///
    /// Resumes: on the awaiting task's loop.    Cancel: ends only the wait.
    class CICADA_API cancellation {
    public:
        explicit cancellation(task<> end) noexcept : end_(std::move(end)) {}
        auto operator co_await() { return std::move(end_).operator co_await(); }
        /// Blocks a thread that has no loop.
        void wait();

    private:
        task<> end_;
    };

    /// Requests cancel of all, here and now. The set is empty from here on, and may be used again.
    cancellation cancel();

    /// Gives all to their loops, which cancel and join them when they shut down.
    void detach() noexcept;

private:
    static bool has_ended(const periodic& one) noexcept;
    static task<> join(std::vector<periodic> all);
    void drop_ended();

    std::vector<periodic> all_;
};

} // namespace cicada
