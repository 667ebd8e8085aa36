#include <store/sqlite/log_readers.hpp>

#include <fstream>
#include <set>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

namespace cicada::detail {

namespace {

// A reader holds a lock on one of these bytes of the -shm file, and on no other of them: section
// 2.3.1 of the "WAL-mode File Format", https://www.sqlite.org/walformat.html.
constexpr long first_read_lock = 123;
constexpr long last_read_lock = 127;

struct held_lock {
    long process = 0;
    unsigned long inode = 0;
    long first = 0;
};

/// "2: POSIX  ADVISORY  READ 1234 fe:00:131 124 124", see proc_locks(5). The device is left aside,
/// for some file systems tell stat(2) of another one.
bool parse(const std::string& line, held_lock& into) {
    std::istringstream in(line);
    std::string number, kind, mode, access, file;
    if (!(in >> number >> kind >> mode >> access >> into.process >> file >> into.first)) {
        return false; // one that waits has an arrow there
    }
    std::istringstream inode(file.substr(file.rfind(':') + 1));
    return kind == "POSIX" && access == "READ" && (inode >> into.inode);
}

std::string name_of(long process) {
    if (process == ::getpid()) return "this process";
    std::string text = "process " + std::to_string(process);
    std::ifstream file("/proc/" + std::to_string(process) + "/comm");
    std::string program;
    if (std::getline(file, program)) text += " (" + program + ')';
    return text;
}

} // namespace

std::string log_readers(const std::string& database) {
    struct stat facts{};
    if (::stat((database + "-shm").c_str(), &facts) != 0) return "somebody";
    std::set<long> those;
    std::ifstream locks("/proc/locks");
    held_lock one;
    for (std::string line; std::getline(locks, line);) {
        if (!parse(line, one) || one.inode != facts.st_ino) continue;
        if (one.first >= first_read_lock && one.first <= last_read_lock) those.insert(one.process);
    }
    std::string text;
    for (const long process : those) {
        if (process > 0) text.append(text.empty() ? "" : ", ").append(name_of(process));
    }
    return text.empty() ? "somebody" : text;
}

} // namespace cicada::detail
