// expect: cicada needs exceptions: compile without -fno-exceptions
// lines: 2
// flags: -fno-exceptions
#include <cicada/cicada.hpp>

cicada::task<> work() { co_return; }
