#include <store/sqlite/reserve.hpp>

#include <store/sqlite/files.hpp>

namespace cicada::detail {

void reserve::make() noexcept {
    if (file_exists(path_) || free_space(database_) < 4 * size) return;
    make_file(path_, size);
}

bool reserve::give_back() noexcept { return discard_file(path_); }

} // namespace cicada::detail
