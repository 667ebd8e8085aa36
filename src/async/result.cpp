#include <cicada/async/result.hpp>

#include <cxxabi.h>
#include <typeinfo>

namespace cicada::detail {

bool current_exception_is_cancelled() noexcept {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type && *type == typeid(cancelled);
}

void throw_no_value(const std::exception_ptr* error) {
    if (error) std::rethrow_exception(*error);
    throw cancelled{};
}

} // namespace cicada::detail
