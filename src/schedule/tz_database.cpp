#include <schedule/tz_database.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include <cicada/schedule/zone.hpp>

#include <schedule/name_hash.hpp>
#include <schedule/nearest.hpp>

namespace cicada::detail {

namespace {

namespace fs = std::filesystem;

/// Files of zones that are no names of IANA: what the system is set to, and what zic falls back to.
bool is_listed(const std::string& name) {
    return name != "localtime" && name != "posixrules" && name != "Factory";
}

bool is_tzif(const fs::path& file) {
    char magic[4] = {};
    std::ifstream(file, std::ios::binary).read(magic, sizeof magic);
    return std::string_view(magic, sizeof magic) == "TZif";
}

[[noreturn]] void refuse(std::string_view name, const fs::path& directory) {
    std::string reason = "there is no time zone \"";
    reason.append(name).append("\"");
    const std::vector<std::string> names = read_zone_names(directory);
    if (names.empty()) reason.append(", and no tz database in ").append(directory.string());
    throw unknown_zone(std::string(name), std::move(reason), nearest_names(name, names));
}

std::string first_line(const fs::path& file) {
    std::string line;
    std::ifstream in(file);
    std::getline(in, line);
    line.erase(line.find_last_not_of(" \t\r") + 1);
    return line;
}

struct kept_mark {
    std::mutex mutex;
    std::optional<std::string> mark;
};
kept_mark& known_mark() {
    static kept_mark& one = *new kept_mark;
    return one;
}

std::string hash_of_files(const fs::path& directory) {
    std::uint64_t hash = 0;
    for (const std::string& name : read_zone_names(directory))
        hash = hash * 31 + name_hash(name) + name_hash(read_zone_file(name, directory));
    return "hash:" + std::to_string(hash);
}

} // namespace

fs::path tz_directory() {
    const char* directory = std::getenv("TZDIR");
    return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

bool is_zone_name(std::string_view name) {
    char last = '/';
    for (const char c : name) {
        const bool is_usual = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!is_usual && c != '/' && c != '.') return false;
        if (last == '/' && (c == '/' || c == '.')) return false;
        last = c;
    }
    return last != '/';
}

std::string read_zone_file(std::string_view name, const fs::path& directory) {
    if (!is_zone_name(name)) refuse(name, directory);
    const fs::path file = directory / name;
    std::error_code failed;
    if (!fs::is_regular_file(file, failed) || !is_tzif(file)) refuse(name, directory);
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> read_zone_names(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code failed;
    fs::recursive_directory_iterator at(directory, failed);
    for (const fs::recursive_directory_iterator end; !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().lexically_relative(directory).generic_string();
        std::error_code is_gone;
        if (name == "posix" || name == "right") {
            at.disable_recursion_pending(); // all the names once more
        } else if (is_zone_name(name) && is_listed(name) && at->is_regular_file(is_gone) &&
                   is_tzif(at->path())) {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string read_tz_version(const fs::path& directory) {
    const std::string line = first_line(directory / "tzdata.zi");
    constexpr std::string_view prefix = "# version ";
    if (line.starts_with(prefix) && line.size() > prefix.size()) return line.substr(prefix.size());
    for (const char* name : {"+VERSION", "version"}) {
        std::string version = first_line(directory / name);
        if (!version.empty()) return version;
    }
    return "unknown";
}

std::string read_tz_mark(const fs::path& directory) {
    std::string version = read_tz_version(directory);
    return version == "unknown" ? hash_of_files(directory) : version;
}

std::string tz_mark() {
    const std::lock_guard lock(known_mark().mutex);
    std::optional<std::string>& mark = known_mark().mark;
    if (!mark) mark = read_tz_mark();
    return *mark;
}

std::optional<std::string> set_tz_mark(std::optional<std::string> mark) {
    const std::lock_guard lock(known_mark().mutex);
    return std::exchange(known_mark().mark, std::move(mark));
}

bool is_newer_tz(std::string_view mark, std::string_view than) noexcept {
    const auto is_version = [](std::string_view v) { // 2025b
        return v.size() >= 5 && v.substr(0, 4).find_first_not_of("0123456789") == v.npos;
    };
    return is_version(mark) && is_version(than) && mark > than;
}

} // namespace cicada::detail
