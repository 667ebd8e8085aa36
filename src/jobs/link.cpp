#include <jobs/link.hpp>

namespace cicada::detail {

store_link::~store_link() = default;

} // namespace cicada::detail
