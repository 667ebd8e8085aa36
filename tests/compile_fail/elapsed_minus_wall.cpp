// expect: operator-|invalid operands
#include <cicada/cicada.hpp>

cicada::duration misuse(cicada::elapsed_time elapsed, cicada::wall_time wall) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    (void)wall;
    return elapsed - elapsed;
#else
    return elapsed - wall;
#endif
}
