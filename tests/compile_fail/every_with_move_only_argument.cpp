// expect: cicada: the arguments are kept for the next call: .*by reference
// lines: 5
#include <cicada/cicada.hpp>

#include <memory>

using namespace std::chrono_literals;

void take(std::unique_ptr<int> number);
void look(std::unique_ptr<int>& number);

void misuse() {
#ifdef CICADA_COMPILE_FAIL_CONTROL
    cicada::every(3s, look, std::make_unique<int>(1)).detach();
#else
    cicada::every(3s, take, std::make_unique<int>(1)).detach(); // and the second time?
#endif
}
