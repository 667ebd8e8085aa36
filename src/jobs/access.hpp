#pragma once

/// store_access: what all handles of one store share on one machine: the store, the way to it, and
/// a signal for the workers that stand there.
///
///     const auto wake = std::make_shared<event>();     // a worker, on its loop
///     access.tell(wake);
///     ... access.link().write(...), by whomever; access.changed();
///     co_await wake->wait();                           // and reset() it before looking
///
/// Threads:  tell() on a loop; the rest on any thread.
/// Lifetime: it outlives the errands that it carries: whoever awaits one holds a job_store.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <cicada/async/event.hpp>
#include <cicada/loop/loop_ref.hpp>
#include <jobs/link.hpp>

namespace cicada::detail {

class CICADA_API store_access {
public:
    /// `way` leads to `where`, which machines of a simulated cluster share, each by a way of its
    /// own.
    store_access(std::shared_ptr<store> where, std::unique_ptr<store_link> way);
    store_access(const store_access&) = delete;
    store_access& operator=(const store_access&) = delete;
    ~store_access();

    store_link& link() noexcept { return *link_; }
    store& where() noexcept { return *store_; }
    const std::string& place() const noexcept { return place_; }

    /// Sets `wake` on this loop after each changed(), for as long as `wake` is held elsewhere.
    void tell(const std::shared_ptr<event>& wake);
    /// Something was written that workers may want to know of: they look, without waiting for their
    /// next poll. (Those of other machines find it by theirs. So do these, if memory is short.)
    void changed() noexcept;

private:
    struct listener;

    const std::shared_ptr<store> store_;
    const std::string place_;
    std::mutex mutex_;
    std::vector<std::shared_ptr<listener>> listeners_; // guarded by mutex_
    const std::unique_ptr<store_link> link_; // goes first: it still carries what is under way
};

} // namespace cicada::detail
