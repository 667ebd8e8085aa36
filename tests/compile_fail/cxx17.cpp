// expect: cicada needs C..20: compile with -std=c..20
// lines: 2
// flags: -std=c++17
#include <cicada/cicada.hpp>

cicada::task<> work() { co_return; }
