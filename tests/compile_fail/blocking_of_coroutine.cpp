// expect: blocking\(\) runs a plain function on a thread; a coroutine is awaited or spawned
// lines: 12
#include <cicada/cicada.hpp>

using namespace std::chrono_literals;

cicada::task<> work();
void plain();

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    auto beat = cicada::every(1s, cicada::blocking(plain));
#else
    auto beat = cicada::every(1s, cicada::blocking(work));
#endif
}
