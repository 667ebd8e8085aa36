#include <store/store.hpp>

namespace cicada::detail {

store::~store() = default;

void store::back_up(const std::string&) {
    throw store_error(store_fault::failed, place(), "cannot be backed up",
                      "only a store that is a file can be");
}

std::vector<store_error> store::warnings() const { return {}; }

} // namespace cicada::detail
