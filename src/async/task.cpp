#include <cicada/async/task.hpp>

#include <stdexcept>

#include <async/report.hpp>

namespace cicada::detail {

void refuse_spent_task() {
    throw std::invalid_argument(
        "cicada: a task runs once, and this one was awaited, spawned or moved from before: call "
        "the coroutine function again");
}

std::exception_ptr no_value_error(const activity& owner) noexcept {
    try {
        throw std::logic_error("cicada: a task ended without a value: on a path through it "
                               "`co_return value` is missing. It ran in " +
                               label_of(owner.name()));
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace cicada::detail
