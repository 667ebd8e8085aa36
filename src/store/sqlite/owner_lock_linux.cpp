#include <store/sqlite/owner_lock.hpp>

#include <cerrno>

#include <cicada/store/errors.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace cicada::detail {

namespace {

/// What the owner has written there; it may be just about to.
std::string pid_in(const descriptor& file) {
    char text[24];
    const ssize_t size = ::pread(file.number(), text, sizeof text, 0);
    const std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    return pid.substr(0, pid.find('\n'));
}

[[noreturn]] void refuse(const std::string& database, const std::string& pid) {
    std::string what = "is owned by another process";
    if (pid == std::to_string(::getpid())) {
        what = "is open in this process";
    } else if (!pid.empty()) {
        what = "is owned by process " + pid;
    }
    throw store_error(store_fault::owned_by_another, database, what,
                      "one store at a time opens a SQLite file, so end that one first, or name "
                      "another file");
}

} // namespace

owner_lock::owner_lock(const std::string& database) {
    const std::string path = database + ".lock";
    file_ = descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file_) {
        throw_errno(errno, path, "cannot be opened", "let this process write to its folder");
    }
    while (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) refuse(database, pid_in(file_));
        if (errno != EINTR) {
            throw_errno(errno, path, "cannot be locked", "see that its file system has locks");
        }
    }
    // For people only: on a full disk it stays empty, and the lock holds all the same.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file_.number(), 0) == 0) {
        static_cast<void>(::pwrite(file_.number(), pid.data(), pid.size(), 0));
    }
}

owner_lock::~owner_lock() {
    // So that no one is ever told of a process that has let go.
    if (file_) static_cast<void>(::ftruncate(file_.number(), 0));
}

} // namespace cicada::detail
