// expect: takes a task, which the call of a coroutine function makes
// lines: 5
#include <cicada/cicada.hpp>

cicada::task<> program();

int main() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::run(program());
#else
    cicada::run(program); // it has to be called
#endif
}
