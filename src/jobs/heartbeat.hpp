#pragma once

/// heartbeat: keeps the lease of a node, whatever its loop is doing: on a thread of its own, or, in
/// a simulation, as a task.
///
/// Every quarter of a lease it renews it, and evicts nodes whose lease is over; also as soon as one
/// is, if it was told when. Whether the node lives is known here by elapsed time: from the
/// *sending* of the last renewal that succeeded, a lease, less a margin in which what runs can be
/// stopped.
///
///     sent     renewed                                        deadline     lease is over
///      |----------|------------------------------------------------|------------|
///                                                nothing begins any more, what is to stop does
///
/// It evicts nobody within one lease after it had trouble itself, or has entered, or the store's
/// clock was set, or another server is the store: then the others may have had trouble as well, and
/// are about to renew theirs (D6).
///
/// Threads:  stop() and the destructor: that of the loop; the rest any.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <cicada/async/event.hpp>
#include <cicada/async/spawn.hpp>
#include <jobs/link.hpp>

namespace cicada::detail {

class CICADA_API heartbeat {
public:
    struct setup {
        duration lease;
        /// Others were evicted, or this node was, or a doubt is over, or the store was away and is
        /// back. Any thread; throws nothing.
        function<void()> on_news;
        /// The loop has not come to the deadline for half of the margin. On the thread.
        function<void()> on_blocked_loop;
    };
    /// What is left of a lease when nothing begins any more.
    static duration margin_of(duration lease) noexcept { return lease / 8; }

    /// `link` outlives what it carries.
    heartbeat(store_link& link, setup how);
    ~heartbeat() { stop(); }

    /// The node has entered, or entered anew, by what was sent at that time.
    void entered(node_id who, elapsed_time sent_at);
    /// No more beats. Joins the thread.
    void stop() noexcept;

    elapsed_time deadline() const noexcept;
    bool may_begin(elapsed_time now) const noexcept;
    bool is_evicted() const noexcept;
    /// The store has said that the lease is over: nothing begins until it has been renewed, which
    /// is tried at once.
    void doubt();
    /// The loop has come to the deadline, and has done what is to be done then.
    void deadline_was_seen() noexcept;
    /// That of another node, unless it is renewed: there is a beat then, but one only.
    void lease_ends(elapsed_time at);

private:
    struct state;
    class beat;
    void ring();
    void serve();
    static task<> beat_as_task(std::shared_ptr<state> s);

    const std::shared_ptr<state> state_;
    std::thread thread_;
    join_handle<> task_;
};

} // namespace cicada::detail
