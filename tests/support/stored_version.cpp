#include <support/stored_version.hpp>

#include <fstream>
#include <iterator>

#include <store/sqlite/database.hpp>

namespace support {

void make_stored(int version, const std::string& path) {
    std::ifstream file(CICADA_STORES "/version-" + std::to_string(version) + ".sql");
    const std::string sql{std::istreambuf_iterator<char>(file), {}};
    cicada::detail::sqlite_database(path, cicada::detail::sqlite_access::create).run(sql);
}

} // namespace support
