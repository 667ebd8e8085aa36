#include <cicada/periodic/tick.hpp>

#include <cicada/periodic/core.hpp>

#include <async/post_held.hpp>

namespace cicada {

void tick::cancel() const {
    if (!of) return;
    if (of->home() == detail::executor::current()) return of->ask_to_cancel();
    detail::post_held(of, [](detail::periodic_core& c) { c.ask_to_cancel(); });
}

} // namespace cicada
