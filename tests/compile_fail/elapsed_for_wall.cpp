// expect: could not convert|no viable conversion
// lines: 5
#include <cicada/cicada.hpp>

cicada::wall_time misuse(cicada::elapsed_time elapsed, cicada::wall_time wall) {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    (void)elapsed;
    return wall;
#else
    (void)wall;
    return elapsed;
#endif
}
