/// Which zone the system is set to.

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <cicada/base/rfc3339.hpp>

#include <schedule/posix_tz.hpp>
#include <schedule/tz_database.hpp>

namespace cicada::detail {

namespace {

namespace fs = std::filesystem;

bool has_zone(std::string_view name) {
    std::error_code failed;
    return is_zone_name(name) && fs::is_regular_file(tz_directory() / name, failed);
}

/// What follows ".../zoneinfo/", without a leading "posix/"; empty if nothing does.
std::string name_in_path(const std::string& path) {
    constexpr std::string_view directory = "/zoneinfo/";
    const std::size_t found = path.rfind(directory);
    if (found == std::string::npos) return {};
    const std::string name = path.substr(found + directory.size());
    return name.starts_with("posix/") ? name.substr(6) : name;
}

bool is_posix(std::string_view text) {
    try {
        parse_posix_tz(text);
        return true;
    } catch (const parse_error&) {
        return false;
    }
}

/// POSIX strings look like names, and have their sign the other way round: "UTC+3" is west of
/// Greenwich. Zones of theirs are named in the form that cannot be mistaken, with the abbreviation
/// in <>.
std::string name_of_posix(std::string_view text) {
    if (text.front() == '<' || text.find(',') != std::string_view::npos) return std::string(text);
    const std::size_t offset = text.find_first_of("+-0123456789");
    return '<' + std::string(text.substr(0, offset)) + '>' + std::string(text.substr(offset));
}

} // namespace

std::string local_zone_name(const char* tz, const fs::path& etc) {
    if (tz != nullptr) {
        std::string_view value(tz);
        if (value.starts_with(':')) value.remove_prefix(1);
        if (value.empty()) return "UTC";
        if (has_zone(value)) return std::string(value);
        // TZ=:/etc/localtime is how programs are kept from looking for it time and again.
        if (value != (etc / "localtime").string()) {
            if (is_posix(value)) return name_of_posix(value);
            const std::string name = name_in_path(std::string(value));
            return name.empty() ? std::string(value) : name;
        }
    }
    std::error_code failed;
    std::string name = name_in_path(fs::read_symlink(etc / "localtime", failed).string());
    if (has_zone(name)) return name;
    std::ifstream(etc / "timezone") >> name;
    if (has_zone(name)) return name;
    // A copy instead of a link: the database may have its rules, if not its name.
    return has_zone("localtime") ? "localtime" : "UTC";
}

} // namespace cicada::detail
