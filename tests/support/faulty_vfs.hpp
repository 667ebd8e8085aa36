#pragma once

/// A disk that fails when it is told to, below SQLite.
///
///     faulty_vfs disk;
///     disk.cut_at(k, seed);            // the power goes at operation k
///     work(path, disk.name());         // throws, as all that comes after k fails
///     disk.restart();                  // on disk is what was synced, and by the seed some more
///     check(path, disk.name());
///
/// Files are real ones, which all that is written reaches at once; beside each stands a model of
/// what of it is durable. Operations are what changes a file: open, write, truncate, sync, remove.
/// They are counted from 0, as reads are on their own.
///
/// What a loss of power does to what was not synced, for each sector of 512 bytes: any of the
/// states that it went through since then. A file that was never synced, and one whose removal was
/// not, may be there or not. A sync that failed has written any part; what it has not written is
/// lost even if a later sync succeeds, as on Linux.
///
/// Threads:  any.
/// Lifetime: every database on it is closed before restart() and before it goes.

#include <cstdint>
#include <memory>
#include <string>

namespace support {

class faulty_vfs {
public:
    faulty_vfs();
    faulty_vfs(const faulty_vfs&) = delete;
    faulty_vfs& operator=(const faulty_vfs&) = delete;
    ~faulty_vfs();

    /// For sqlite3_open_v2().
    const char* name() const noexcept;

    std::uint64_t operations() const;
    std::uint64_t reads() const;

    enum class operation : std::uint8_t { any, open, write, truncate, sync, remove, read };
    /// How long a fault lasts.
    enum class spell : std::uint8_t { once, for_good };
    /// At the k-th from now of these operations: this code of SQLite, or SQLITE_IOERR for the one
    /// that fits the operation. A write that fails has written half; a read with
    /// SQLITE_IOERR_SHORT_READ reads half, and then zeros. `any` is any but a read.
    /// Of a sync that fails the seed says how much was written, as for cut_at().
    void fail_at(std::uint64_t k, int code, operation only = operation::any,
                 spell how = spell::once, std::uint64_t seed = 1);
    /// Seed 0: nothing that was not synced is kept; 1: all of it.
    void cut_at(std::uint64_t k, std::uint64_t seed);
    /// From now on a write is refused, as SQLITE_FULL, that would make all files of its folder
    /// larger than so many bytes.
    void has_room_for(std::int64_t bytes);
    /// No more faults, and room for all. What was cut stays so until restart().
    void heal();
    /// Whether a fault that was asked for has come.
    bool has_struck() const;

    /// As after a loss of power, at the latest now.
    void restart();

private:
    struct disk;
    std::unique_ptr<disk> disk_;
};

} // namespace support
