#pragma once

#include <async/engine.hpp>
#include <cicada/async/ending.hpp>

namespace cicada::detail {

/// Runs `f(target)` on the target's executor, and keeps the target until then. Any thread that has
/// a handle. False: it has ended.
template <class Target, class F>
bool post_held(Target* target, F f) {
    target->add_handle();
    bool posted = false;
    try {
        posted = activity_engine::post_to(*target, [target, f] {
            const holdable_ref kept(target); // f may throw, to the loop's error handler
            f(*target);
        });
    } catch (...) { // no memory
        target->release_handle();
        throw;
    }
    if (!posted) target->release_handle();
    return posted;
}

} // namespace cicada::detail
