#include <store/sqlite/files.hpp>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <store/sqlite/descriptor.hpp>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace cicada::detail {

namespace {

namespace fs = std::filesystem;

std::string folder_of(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

struct remote_kind {
    std::uint32_t magic; // statfs(2)
    const char* name;
};

// WSL reaches the disks of Windows, and gVisor those of its host, by 9P. Virtiofs, which brings the
// files of a Mac into its containers, and sshfs are FUSE. The layers of a container are an overlay
// of local disks: they are not in this list.
constexpr remote_kind remote_kinds[] = {
    {0x6969, "NFS"},          {0x517B, "SMB"},        {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},     {0x65735546, "FUSE"},   {0x01021997, "9P"},
    {0x5346414F, "AFS"},      {0x6B414653, "AFS"},    {0x73757245, "Coda"},
    {0x00C36400, "Ceph"},     {0x01161970, "GFS2"},   {0x7461636F, "OCFS2"},
    {0x0BD00BD0, "Lustre"},   {0x47504653, "GPFS"},   {0x19830326, "BeeGFS"},
    {0x786F4256, "vboxsf"},   {0x7C7C6673, "prl_fs"}, {0xBACBACBC, "VMware's shared folders"},
    {0x013111A8, "OrangeFS"}, {0x564C, "NCP"},
};

store_fault fault_of_errno(int error) noexcept {
    switch (error) {
    case EACCES:
    case EPERM:
        return store_fault::no_rights;
    case EROFS:
        return store_fault::read_only;
    case ENOSPC:
    case EDQUOT:
        return store_fault::full;
    case EIO:
        return store_fault::failed;
    default:
        return store_fault::unreachable;
    }
}

} // namespace

descriptor::~descriptor() {
    if (number_ >= 0) ::close(number_);
}

void throw_errno(int error, const std::string& path, const char* what, const char* mend) {
    const std::string reason = std::generic_category().message(error);
    throw store_error(fault_of_errno(error), path, std::string(what) + " (" + reason + ")", mend);
}

std::string real_path(const std::string& path) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    if (error) {
        throw_errno(error.value(), path, "cannot be reached",
                    "see that each folder of it is "
                    "there and can be entered");
    }
    const fs::file_status status = fs::status(real, error);
    if (fs::is_directory(status)) {
        throw store_error(store_fault::not_a_store, path, "is a folder", "name a file in it");
    }
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        throw store_error(store_fault::not_a_store, path, "is no plain file",
                          "name another, which need not exist");
    }
    const std::string folder = folder_of(real.string());
    if (!fs::is_directory(folder, error)) {
        throw_errno(error ? error.value() : ENOENT, path, "cannot be reached",
                    "make its folder first");
    }
    return real.string();
}

std::string remote_file_system(const std::string& path) {
    struct statfs facts{};
    if (::statfs(folder_of(path).c_str(), &facts) != 0) {
        throw_errno(errno, path, "cannot be reached", "see that its folder is there");
    }
    const auto magic = static_cast<std::uint32_t>(facts.f_type);
    for (const remote_kind& kind : remote_kinds) {
        if (kind.magic == magic) return kind.name;
    }
    return "";
}

bool file_exists(const std::string& path) noexcept {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) noexcept {
    struct stat left{}, right{};
    return ::stat(one.c_str(), &left) == 0 && ::stat(other.c_str(), &right) == 0 &&
           left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        throw_errno(errno, path, "cannot be removed", "let this process write to its folder");
    }
}

bool discard_file(const std::string& path) noexcept { return ::unlink(path.c_str()) == 0; }

void move_file(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        throw_errno(errno, to, "cannot be replaced", "let this process write to its folder");
    }
    sync_folder_of(to);
}

void sync_folder_of(const std::string& path) {
    const descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some file systems have no such call for folders, and need none.
    if (!folder || (::fsync(folder.number()) != 0 && errno != EINVAL)) {
        throw_errno(errno, path, "may not be on disk", "see that the device it lies on works");
    }
}

std::int64_t free_space(const std::string& path) noexcept {
    struct statfs facts{};
    if (::statfs(path.c_str(), &facts) != 0) return 0;
    return static_cast<std::int64_t>(facts.f_bavail) * facts.f_bsize;
}

bool make_file(const std::string& path, std::int64_t size) noexcept {
    const descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return false;
    if (::posix_fallocate(file.number(), 0, size) == 0) return true;
    ::unlink(path.c_str());
    return false;
}

} // namespace cicada::detail
