// expect: the options by name, in the order of run_options
// lines: 6
#include <cicada/cicada.hpp>

cicada::task<> program();

int main() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::run(program(), {.cancel_on_signal = true});
#else
    cicada::run(program(), {.cancel_on_signals = true});
#endif
}
