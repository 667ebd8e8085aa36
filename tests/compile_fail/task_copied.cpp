// expect: deleted.*task|task.*deleted
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> nothing();

void misuse() {
    auto one = nothing();
#ifdef CICADA_COMPILE_FAIL_CONTROL
    auto two = std::move(one);
#else
    auto two = one;
#endif
    cicada::run(std::move(two));
}
