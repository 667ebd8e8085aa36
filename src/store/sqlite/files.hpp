#pragma once

/// What a store needs of the file system beside what SQLite does. None of it opens a database: that
/// this process closes such a file would free the locks that SQLite holds on it.
///
/// Errors: store_error, which names the path.

#include <cstdint>
#include <string>

#include <cicada/store/errors.hpp>

namespace cicada::detail {

/// Where the path leads to when symbolic links are followed, so that all names of a database share
/// one lock. Its folder must exist. Throws also for what is there and is no plain file.
std::string real_path(const std::string& path);

/// What kind of network or user-space file system the folder of this path is on: "NFS", ...; empty:
/// none of them. On these, locks do not keep others out, or memory is not shared between processes.
std::string remote_file_system(const std::string& path);

bool file_exists(const std::string& path) noexcept;
/// Whether both are there, and are one file.
bool is_same_file(const std::string& one, const std::string& other) noexcept;
void remove_file(const std::string& path); // which need not exist
bool discard_file(const std::string& path) noexcept; // whether it was there
/// Replaces `to`, and returns when that is on disk.
void move_file(const std::string& from, const std::string& to);
void sync_folder_of(const std::string& path);

/// What an ordinary user may still write to the disk of this path; 0 also if it does not say.
std::int64_t free_space(const std::string& path) noexcept;

/// Makes a file of so many bytes for which the disk has set space aside. False: there is no room,
/// and nothing is left behind.
bool make_file(const std::string& path, std::int64_t size) noexcept;

} // namespace cicada::detail
