// expect: co_await cicada::blocking\(f\)\(args
// lines: 5
#include <cicada/cicada.hpp>

int read_file(const char* name);

cicada::task<> misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    co_await cicada::blocking(read_file)("notes.txt");
#else
    co_await cicada::blocking(read_file); // not called
#endif
}
