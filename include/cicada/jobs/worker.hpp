#pragma once

/// worker: runs jobs of a store. Any number of workers, in any number of processes, if the store is
/// one for that.
///
///     cicada::worker worker(store);
///     worker.handle("send_report", send_report);                  // task<>(job_run)
///     worker.handle("pack", cicada::blocking(compact_database));  // on a thread
///     co_await worker.run();                                      // until it is cancelled
///
/// Threads:  that of the loop that awaits run(); on a thread of its own it renews its lease, which
///           a blocked loop does not end.
/// Errors:   of a handler: the run has failed. The loop's error handler is told, once, that the
///           store cannot be reached, or warns of something (job_store::warnings), that no worker
///           handles a kind, that a job cannot be read or nothing would have come of it, or that
///           others have a newer tz database.
/// Lifetime: it outlives run(), and what it was given as handlers outlives that as well.
/// Cost:     a start is one commit, and so is an end; all that comes up while one is under way is
///           in the next one.

#include <cicada/async/invoke.hpp>
#include <cicada/async/task.hpp>
#include <cicada/jobs/job_run.hpp>
#include <cicada/jobs/job_store.hpp>

namespace cicada {

namespace detail {
class node;
using job_handler = function<task<>(job_run)>;
} // namespace detail

struct worker_options {
    /// For lists and messages. Default: the machine's name and the process.
    std::string name = {};
    /// It runs jobs with these labels, besides those with none.
    std::vector<std::string> labels = {};
    /// Runs at a time.
    std::size_t most = 100;
    /// When it has not reached the store for so long, others may take over what it runs. 100 ms or
    /// more.
    duration lease = std::chrono::seconds(60);
    /// How often it looks for what others have changed. What it knows of itself does not wait.
    duration poll = std::chrono::seconds(1);
    /// When it is cancelled: what runs may go on for so long, before it is asked to end.
    duration grace = std::chrono::seconds(10);
    /// History is pruned by this, all the time. Default: kept for ever.
    prune_options keep = {};
    /// Told, on its loop, what it decided.
    detail::function<void(std::string_view job, const decision&)> on_decision = nullptr;
    /// Called on a thread of its own when the loop has been blocked for so long that the lease is
    /// about to end: what runs there cannot be stopped. Default: one line on stderr. (It refuses to
    /// begin anything from there on.)
    detail::function<void()> on_blocked_loop = nullptr;
};

struct worker_counts {
    /// Instants that came, and were left for a minute to workers that may have a newer tz database.
    std::uint64_t left_for_zones = 0;

    friend bool operator==(const worker_counts&, const worker_counts&) = default;
};

class CICADA_API worker {
public:
    /// Throws std::invalid_argument for options that make no sense.
    explicit worker(job_store store, worker_options options = {});
    worker(worker&&) noexcept;
    worker& operator=(worker&&) noexcept;
    ~worker();

    /// What runs of this kind are run by: a coroutine function of job_run, blocking(f), or a plain
    /// function, which holds the loop. Before run(). Throws std::logic_error for a kind twice.
    template <class F>
    void handle(std::string kind, F f);

    /// Until it is cancelled: then it begins nothing more, lets what runs go on for `grace`, asks
    /// the rest to end and waits until it has, hands that back, and leaves. What was handed back
    /// begins anew elsewhere, and counts neither as failed nor as lost; only with on_lost::fail it
    /// may not, and is lost. A second request changes nothing.
    ///
    /// Throws store_error when the store has failed for good, after what runs has ended; one that
    /// cannot be reached for a while is waited for. std::logic_error the second time.
    task<> run();

    /// Since it was made.
    worker_counts counts() const noexcept;

private:
    void add_handler(std::string kind, detail::job_handler handler);
    std::unique_ptr<detail::node> node_;
};

namespace detail {

/// `f` outlives the coroutine.
template <class F>
task<> run_plainly(F& f, job_run run) {
    f(std::move(run));
    co_return;
}

} // namespace detail

template <class F>
void worker::handle(std::string kind, F f) {
    static_assert(std::is_invocable_v<F&, job_run>,
                  "cicada: a handler is called with a job_run: task<> send(cicada::job_run run)");
    if constexpr (detail::is_task<std::invoke_result_t<F&, job_run>>) {
        add_handler(std::move(kind), std::move(f));
    } else {
        add_handler(std::move(kind), [f = std::move(f)](job_run run) mutable {
            return detail::run_plainly(f, std::move(run));
        });
    }
}

} // namespace cicada
