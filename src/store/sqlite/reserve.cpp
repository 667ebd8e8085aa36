#include <store/sqlite/reserve.hpp>

#include <store/sqlite/files.hpp>

namespace cicada::detail {

void reserve::make() noexcept {
    if (file_exists(path_) || free_space(database_) < 4 * size) return;
    if (make_file(path_, size)) is_given_back_ = false;
}

void reserve::give_back() noexcept {
    if (discard_file(path_)) is_given_back_ = true;
}

} // namespace cicada::detail
