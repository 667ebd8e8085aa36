#pragma once

/// memory_store: a store whose rows go with it. It is what "memory:" opens, and what the nodes of a
/// simulated cluster share.
///
///     memory_store jobs({.now = [&loop] { return loop.wall_now(); }});
///
/// Ids and fences are counted from 1, so that equal histories give equal rows.
///
/// Threads:  write() and read() from any thread, one after the other; not from within each other.
/// Errors:   std::bad_alloc; nothing was written then.

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <store/memory/tables.hpp>
#include <store/store.hpp>

namespace cicada::detail {

/// The checks of a store, by which a model shows that it finds out when one of them is missing.
enum class store_check : std::uint8_t { revision, lease, fence };

struct memory_options {
    function<wall_time()> now; // of what leases, claims and not_before go by
    std::string place = "memory:";
    /// For lose_last(): so many transactions can be lost.
    std::size_t losable = 0;
    /// For a test of the test: never to be used otherwise.
    std::vector<store_check> left_out = {};
    /// Called after each write(), where it may read: for models that watch the rows.
    function<void()> written = {};
};

class CICADA_API memory_store final : public store {
public:
    explicit memory_store(memory_options options) : options_(std::move(options)) {}
    ~memory_store() override;

    void write(std::span<part* const> parts) override;
    void read(const function<void(reading&)>& ask) override;
    std::string place() const override { return options_.place; }

    /// A failover to a copy that lacks the last transactions: all is as it was before them, the
    /// sequences too, so that ids and fences come a second time. No more than `losable`.
    void lose_last(std::size_t transactions);

private:
    void carry_out(std::span<part* const> parts);

    std::mutex mutex_;
    const memory_options options_;
    tables tables_;
    std::deque<undo_log> last_; // the newest transactions that wrote something
};

} // namespace cicada::detail
