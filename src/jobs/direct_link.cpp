#include <jobs/direct_link.hpp>

namespace cicada::detail {

void direct_link::carry(std::shared_ptr<errand> what) {
    part* const only = what.get();
    try {
        to_.write(std::span(&only, 1));
    } catch (...) {
        what->error = std::current_exception();
    }
    what->over();
}

void direct_link::carry_reading(std::shared_ptr<question> what) {
    try {
        to_.read([&](reading& in) { what->ask(in); });
    } catch (...) {
        what->error = std::current_exception();
    }
    what->over();
}

} // namespace cicada::detail
