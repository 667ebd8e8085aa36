#include <support/file_system.hpp>

#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace support {
told_of told_of_file_systems;
}

/// In place of that of the C library.
extern "C" int statfs(const char* path, struct statfs* facts) noexcept {
    const auto failed = static_cast<int>(::syscall(SYS_statfs, path, facts));
    if (failed != 0) return failed;
    if (support::told_of_file_systems.kind != 0) facts->f_type = support::told_of_file_systems.kind;
    if (support::told_of_file_systems.is_full) facts->f_bavail = 0;
    return 0;
}
