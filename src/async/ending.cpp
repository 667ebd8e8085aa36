#include <async/ending_impl.hpp>

namespace cicada::detail {

template class ending_ref<activity>;
template class end_awaiter<activity>;

} // namespace cicada::detail
