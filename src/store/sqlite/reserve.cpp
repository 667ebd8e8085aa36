#include <store/sqlite/reserve.hpp>

#include <store/sqlite/files.hpp>

namespace cicada::detail {

void reserve::make() noexcept {
    if (!file_exists(path_)) {
        if (free_space(database_) < 4 * size || !make_file(path_, size)) return;
    }
    is_given_back_ = false;
}

void reserve::give_back() noexcept {
    discard_file(path_);
    is_given_back_ = !file_exists(path_);
}

} // namespace cicada::detail
