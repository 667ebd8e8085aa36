// expect: cicada: write spawn.work... or spawn.std::move.task
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> work();

void misuse() {
    auto task = work();
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::spawn(std::move(task)).detach();
#else
    cicada::spawn(task).detach();
#endif
}
