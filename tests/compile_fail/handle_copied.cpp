// expect: deleted.*join_handle|join_handle.*deleted
// lines: 5
#include <cicada/cicada.hpp>

void misuse(cicada::join_handle<int> one) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    auto two = std::move(one);
#else
    auto two = one; // who would cancel?
#endif
    two.detach();
}
