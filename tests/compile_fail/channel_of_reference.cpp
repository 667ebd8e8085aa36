// expect: constraint
// lines: 7
#include <cicada/cicada.hpp>

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::channel<int*> pointers(1);
#else
    cicada::channel<int&> references(1);
#endif
}
