#include <store/sqlite/reserve.hpp>

#include <store/sqlite/files.hpp>

namespace cicada::detail {

bool reserve::make() noexcept { return make_file(path_, size); }

bool reserve::give_back() noexcept { return discard_file(path_); }

} // namespace cicada::detail
