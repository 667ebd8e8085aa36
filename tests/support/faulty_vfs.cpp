#include <support/faulty_vfs.hpp>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <sqlite3.h>
#include <support/durable_image.hpp>
#include <sys/stat.h>

namespace support {

namespace {

struct tracked {
    std::string path;
    durable_image on_disk;
    bool syncs_folder = false; // by its first sync
};

/// What SQLite holds of an open file; the handle of the real one follows it in memory.
struct handle {
    sqlite3_file base;
    ino_t number; // 0: a file without a name, which has no model
    void* disk;

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void replace(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

ino_t inode(const std::string& path) {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_ino : 0;
}

/// By which name the file goes now; empty: by none.
std::string path_of(ino_t number, const std::string& once) {
    if (inode(once) == number) return once;
    const auto folder = std::filesystem::path(once).parent_path();
    if (!std::filesystem::exists(folder)) return "";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (inode(entry.path()) == number) return entry.path();
    }
    return "";
}

int ioerr_of(faulty_vfs::operation what) {
    switch (what) {
    case faulty_vfs::operation::open:
        return SQLITE_CANTOPEN;
    case faulty_vfs::operation::write:
        return SQLITE_IOERR_WRITE;
    case faulty_vfs::operation::truncate:
        return SQLITE_IOERR_TRUNCATE;
    case faulty_vfs::operation::sync:
        return SQLITE_IOERR_FSYNC;
    case faulty_vfs::operation::remove:
        return SQLITE_IOERR_DELETE;
    default:
        return SQLITE_IOERR_READ;
    }
}

} // namespace

struct faulty_vfs::disk {
    disk();

    sqlite3_vfs vfs{};
    sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
    std::string name;

    std::recursive_mutex mutex;
    std::map<ino_t, tracked> files;
    std::vector<tracked> removed; // which is not synced
    struct fault {
        std::uint64_t after; // so many more
        int code;
        operation only;
        spell how;
    };
    std::optional<fault> planned;
    std::optional<std::uint64_t> cut_after;
    std::optional<std::int64_t> room; // bytes
    std::uint64_t seed = 0;
    std::uint64_t operations = 0;
    std::uint64_t reads = 0;
    int open_files = 0;
    bool is_cut = false;
    bool has_struck = false;

    int admit(operation what);
    bool has_room(handle& file, std::int64_t end);
    durable_image* image_of(const handle& file);
    int open(const char* path, handle& file, int flags, int* flags_out);
    int remove(const char* path, int sync_folder);
    int write(handle& file, std::string_view bytes, std::int64_t at);
    int read(handle& file, void* bytes, int size, std::int64_t at);
    int truncate(handle& file, std::int64_t size);
    int sync(handle& file);
    void restart();

    static const sqlite3_io_methods methods;
};

/// SQLITE_OK, or how the operation fails.
int faulty_vfs::disk::admit(operation what) {
    const bool is_read = what == operation::read;
    ++(is_read ? reads : operations);
    if (is_cut) return ioerr_of(what);
    if (!is_read && cut_after && (*cut_after)-- == 0) {
        is_cut = has_struck = true;
        return ioerr_of(what);
    }
    const bool is_meant =
        planned && (planned->only == operation::any ? !is_read : planned->only == what);
    if (!is_meant || (planned->after > 0 && planned->after-- > 0)) return SQLITE_OK;
    has_struck = true;
    const int code = planned->code;
    if (planned->how == spell::once) planned.reset();
    return code == SQLITE_IOERR ? ioerr_of(what) : code;
}

/// For a file of this size; what is not of a folder that is known has.
bool faulty_vfs::disk::has_room(handle& file, std::int64_t end) {
    const auto found = files.find(file.number);
    if (!room || found == files.end()) return true;
    sqlite3_int64 size = 0;
    file.real()->pMethods->xFileSize(file.real(), &size);
    if (end <= size) return true;
    std::int64_t all = end - size;
    const auto folder = std::filesystem::path(found->second.path).parent_path();
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        all += static_cast<std::int64_t>(entry.file_size());
    return all <= *room;
}

durable_image* faulty_vfs::disk::image_of(const handle& file) {
    const auto found = files.find(file.number);
    return found == files.end() ? nullptr : &found->second.on_disk;
}

int faulty_vfs::disk::open(const char* path, handle& file, int flags, int* flags_out) {
    const bool was_there = path && std::filesystem::exists(path);
    if (const int refused = admit(operation::open)) return refused;
    const int code = real->xOpen(real, path, file.real(), flags, flags_out);
    if (code != SQLITE_OK || !path) return code;
    file.number = inode(path);
    if (!was_there) {
        // As SQLite's VFS for Unix does, for which the name of a new log has to be durable.
        const bool is_log = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
        files[file.number] = {path, durable_image(), is_log};
    } else if (!files.contains(file.number)) {
        files[file.number] = {path, durable_image(contents(path)), false};
    }
    return code;
}

int faulty_vfs::disk::remove(const char* path, int sync_folder) {
    if (const int refused = admit(operation::remove)) return refused;
    const auto found = files.find(inode(path));
    const int code = real->xDelete(real, path, 0);
    if (code == SQLITE_OK && found != files.end()) {
        if (!sync_folder && found->second.on_disk.is_named()) removed.push_back(found->second);
        files.erase(found);
    }
    return code;
}

int faulty_vfs::disk::write(handle& file, std::string_view bytes, std::int64_t at) {
    const bool was_cut = is_cut;
    if (!has_room(file, at + static_cast<std::int64_t>(bytes.size()))) return SQLITE_FULL;
    const int refused = admit(operation::write);
    durable_image* const image = image_of(file);
    if (is_cut) { // this one was on its way
        if (image && !was_cut) image->write(at, bytes);
        return refused;
    }
    if (refused) bytes = bytes.substr(0, bytes.size() / 2);
    if (image) image->write(at, bytes);
    sqlite3_file* const to = file.real();
    const int size = static_cast<int>(bytes.size());
    const int code = size > 0 ? to->pMethods->xWrite(to, bytes.data(), size, at) : SQLITE_OK;
    return refused ? refused : code;
}

int faulty_vfs::disk::read(handle& file, void* bytes, int size, std::int64_t at) {
    const int refused = admit(operation::read);
    if (refused && refused != SQLITE_IOERR_SHORT_READ) return refused;
    sqlite3_file* const from = file.real();
    const int code = from->pMethods->xRead(from, bytes, size, at);
    if (!refused) return code;
    const auto half = static_cast<std::size_t>(size / 2);
    std::memset(static_cast<char*>(bytes) + half, 0, static_cast<std::size_t>(size) - half);
    return refused;
}

int faulty_vfs::disk::truncate(handle& file, std::int64_t size) {
    if (const int refused = admit(operation::truncate)) return refused;
    if (durable_image* const image = image_of(file)) image->truncate(size);
    return file.real()->pMethods->xTruncate(file.real(), size);
}

int faulty_vfs::disk::sync(handle& file) {
    const int refused = admit(operation::sync);
    const auto found = files.find(file.number);
    if (found == files.end() || is_cut) return refused;
    tracked& its = found->second;
    if (refused) {
        chance by(seed);
        its.on_disk.settle(by);
        return refused;
    }
    its.on_disk.sync(); // and not the real file, for that takes time
    if (std::exchange(its.syncs_folder, false)) {
        const auto folder = std::filesystem::path(its.path).parent_path();
        std::erase_if(removed, [&](const tracked& file_gone) {
            return std::filesystem::path(file_gone.path).parent_path() == folder;
        });
    }
    return SQLITE_OK;
}

void faulty_vfs::disk::restart() {
    if (open_files > 0) throw std::logic_error("a database is still open");
    chance by(seed);
    std::map<ino_t, tracked> left;
    for (auto& [number, file] : files) {
        const std::string path = path_of(number, file.path);
        if (path.empty()) continue; // it was removed by other means
        std::filesystem::remove(path + "-shm");
        const bool is_there = file.on_disk.is_named() || by.coin();
        file.on_disk.settle(by);
        if (!is_there) {
            std::filesystem::remove(path);
            continue;
        }
        replace(path, file.on_disk.bytes());
        left[number] = {path, durable_image(file.on_disk.bytes()), false};
    }
    for (tracked& file : removed) {
        file.on_disk.settle(by);
        if (by.coin() && !std::filesystem::exists(file.path)) {
            replace(file.path, file.on_disk.bytes());
        }
    }
    files = std::move(left);
    removed.clear();
    planned.reset();
    cut_after.reset();
    is_cut = has_struck = false;
}

namespace {

handle& of(sqlite3_file* file) { return *reinterpret_cast<handle*>(file); }

/// Calls the real file's method.
template <auto Method, class... Arguments>
int pass_on(sqlite3_file* file, Arguments... arguments) {
    sqlite3_file* const real = of(file).real();
    return (real->pMethods->*Method)(real, arguments...);
}

} // namespace

// What SQLite calls, in the order of its structures.

const sqlite3_io_methods faulty_vfs::disk::methods = {
    .iVersion = 2, // without memory-mapped reads
    .xClose =
        [](sqlite3_file* file) {
            disk& self = *static_cast<disk*>(of(file).disk);
            const std::lock_guard lock(self.mutex);
            --self.open_files;
            return pass_on<&sqlite3_io_methods::xClose>(file);
        },
    .xRead =
        [](sqlite3_file* file, void* bytes, int size, sqlite3_int64 at) {
            disk& self = *static_cast<disk*>(of(file).disk);
            const std::lock_guard lock(self.mutex);
            return self.read(of(file), bytes, size, at);
        },
    .xWrite =
        [](sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
            disk& self = *static_cast<disk*>(of(file).disk);
            const std::lock_guard lock(self.mutex);
            const auto length = static_cast<std::size_t>(size);
            return self.write(of(file), {static_cast<const char*>(bytes), length}, at);
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
            disk& self = *static_cast<disk*>(of(file).disk);
            const std::lock_guard lock(self.mutex);
            return self.truncate(of(file), size);
        },
    .xSync =
        [](sqlite3_file* file, int) {
            disk& self = *static_cast<disk*>(of(file).disk);
            const std::lock_guard lock(self.mutex);
            return self.sync(of(file));
        },
    .xFileSize = pass_on<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = pass_on<&sqlite3_io_methods::xLock, int>,
    .xUnlock = pass_on<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = pass_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = pass_on<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = pass_on<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = pass_on<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = pass_on<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    .xShmLock = pass_on<&sqlite3_io_methods::xShmLock, int, int, int>,
    .xShmBarrier =
        [](sqlite3_file* file) {
            sqlite3_file* const real = of(file).real();
            real->pMethods->xShmBarrier(real);
        },
    .xShmUnmap = pass_on<&sqlite3_io_methods::xShmUnmap, int>,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

faulty_vfs::disk::disk() {
    static std::atomic<int> made = 0;
    name = "faulty-" + std::to_string(++made);
    vfs = *real; // what is not named below takes nothing of a file
    vfs.szOsFile = static_cast<int>(sizeof(handle)) + real->szOsFile;
    vfs.pNext = nullptr;
    vfs.zName = name.c_str();
    vfs.pAppData = this;
    vfs.xOpen = [](sqlite3_vfs* by, const char* path, sqlite3_file* file, int flags, int* out) {
        disk& self = *static_cast<disk*>(by->pAppData);
        const std::lock_guard lock(self.mutex);
        handle& made_here = of(file);
        made_here = {.base = {nullptr}, .number = 0, .disk = &self};
        const int code = self.open(path, made_here, flags, out);
        if (code != SQLITE_OK) return code;
        made_here.base.pMethods = &methods;
        ++self.open_files;
        return code;
    };
    vfs.xDelete = [](sqlite3_vfs* by, const char* path, int sync_folder) {
        disk& self = *static_cast<disk*>(by->pAppData);
        const std::lock_guard lock(self.mutex);
        return self.remove(path, sync_folder);
    };
    vfs.xAccess = [](sqlite3_vfs* by, const char* path, int flags, int* out) {
        sqlite3_vfs* const to = static_cast<disk*>(by->pAppData)->real;
        return to->xAccess(to, path, flags, out);
    };
    vfs.xFullPathname = [](sqlite3_vfs* by, const char* path, int size, char* out) {
        sqlite3_vfs* const to = static_cast<disk*>(by->pAppData)->real;
        return to->xFullPathname(to, path, size, out);
    };
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) throw std::bad_alloc();
}

faulty_vfs::faulty_vfs() : disk_(std::make_unique<disk>()) {}

faulty_vfs::~faulty_vfs() { sqlite3_vfs_unregister(&disk_->vfs); }

const char* faulty_vfs::name() const noexcept { return disk_->name.c_str(); }

std::uint64_t faulty_vfs::operations() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->operations;
}

std::uint64_t faulty_vfs::reads() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->reads;
}

void faulty_vfs::fail_at(std::uint64_t k, int code, operation only, spell how, std::uint64_t seed) {
    const std::lock_guard lock(disk_->mutex);
    disk_->planned = {k, code, only, how};
    disk_->seed = seed;
    disk_->has_struck = false;
}

void faulty_vfs::cut_at(std::uint64_t k, std::uint64_t seed) {
    const std::lock_guard lock(disk_->mutex);
    disk_->cut_after = k;
    disk_->seed = seed;
    disk_->has_struck = false;
}

void faulty_vfs::has_room_for(std::int64_t bytes) {
    const std::lock_guard lock(disk_->mutex);
    disk_->room = bytes;
}

void faulty_vfs::heal() {
    const std::lock_guard lock(disk_->mutex);
    disk_->planned.reset();
    disk_->cut_after.reset();
    disk_->room.reset();
}

bool faulty_vfs::has_struck() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->has_struck;
}

void faulty_vfs::restart() {
    const std::lock_guard lock(disk_->mutex);
    disk_->restart();
}

} // namespace support
