// expect: cicada: write every.when, .options., f, args.*, the options before the function, by name, in the order of every_options
// lines: 6
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

void poll();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, {.name = "poll"}, poll).detach();
#else
    cicada::every(3s, {.nme = "poll"}, poll).detach();
#endif
}
