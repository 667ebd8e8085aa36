#pragma once

/// sqlite_store: jobs in one SQLite file, which one process owns.
///
///     sqlite_store jobs({.path = "reports.db"});
///
/// Beside the file lie `-wal` and `-shm`, which are SQLite's, `.lock`, which names the owner, and
/// `.reserve`, room for when the disk is full.
///
/// To open it makes the file if there is none; refuses one of another process, of another program,
/// of a later version, or on a network file system; brings an older one up to date, after a copy;
/// checks the whole of it if it was not closed in good order; and ends all nodes that lived in it.
///
/// Threads:  write() on one at a time, read() on one at a time, beside each other; back_up() on
///           any.
/// Blocks:   for a commit, and now and then for as long as it takes to fold 4 MiB of the log into
///           the file.
/// Errors:   store_error, std::bad_alloc. After unknown_outcome nothing else is done, not even
///           read, before a commit has succeeded, which settles what became of that.

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include <store/sqlite/connection.hpp>
#include <store/sqlite/log_watch.hpp>
#include <store/sqlite/owner_lock.hpp>
#include <store/sqlite/reserve.hpp>
#include <store/sqlite/work.hpp>
#include <store/store.hpp>

namespace cicada::detail {

enum class sqlite_network : std::uint8_t { refused, allowed };

struct sqlite_options {
    std::string path;
    sqlite_durability durability = sqlite_durability::power_loss;
    /// Whether it may lie on a network or user-space file system, whose locks and shared memory
    /// hold less than they promise.
    sqlite_network network = sqlite_network::refused;
    function<wall_time()> now = {}; // none: the system's clock
    const char* vfs = nullptr; // for tests: how files are reached
    duration longest_read = std::chrono::seconds(2); // longer ones would keep the log from folding
    std::int64_t longest_log = 256 << 20; // bytes; of a longer one that is held somebody is told
};

class CICADA_API sqlite_store final : public store {
public:
    explicit sqlite_store(sqlite_options options);
    ~sqlite_store() override;

    void write(std::span<part* const> parts) override;
    void read(const function<void(reading&)>& ask) override;
    void back_up(const std::string& to) override;
    std::vector<store_error> warnings() const override;
    std::string place() const override { return "sqlite:" + options_.path; }

private:
    wall_time now() const;
    void settle();
    void run(part& one, wall_time now, bool is_alone);
    void fold_log() noexcept;
    void disk_is_full() noexcept;
    void enter();
    void leave() noexcept;

    const sqlite_options options_;
    const std::string path_;
    const owner_lock lock_;
    reserve reserve_;
    std::mutex writing_;
    sqlite_database writer_; // guarded by writing_, as is what follows
    sqlite_tables tables_;
    int log_pages_ = 0;
    int folded_at_ = 0; // so many pages
    log_watch log_;
    std::atomic<bool> is_unsettled_{false};
    std::mutex reading_;
    sqlite_database reader_; // guarded by reading_, as is what follows
    sqlite_tables questions_;
    std::chrono::steady_clock::time_point read_until_;
};

} // namespace cicada::detail
