#include <cicada/periodic/periodic_set.hpp>

#include <algorithm>
#include <utility>

#include <cicada/async/unless_cancelled.hpp>
#include <cicada/loop/run.hpp>

#include <periodic/engine.hpp>

namespace cicada {

using detail::periodic_core;
using engine = detail::periodic_engine;

periodic_set& periodic_set::operator=(periodic_set&& other) noexcept {
    periodic_set replaced(std::move(other));
    all_.swap(replaced.all_);
    return *this;
}

void periodic_set::cancellation::wait() { cicada::run(std::move(end_)); }

/// Unlike periodic::has_ended(), on any thread.
bool periodic_set::has_ended(const periodic& one) noexcept { return !one.target_.target().home(); }

void periodic_set::add(periodic one) {
    static_cast<void>(one.target_.target());
    if (all_.size() == all_.capacity()) drop_ended();
    all_.push_back(std::move(one));
}

std::size_t periodic_set::size() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        all_.begin(), all_.end(), [](const periodic& one) { return !has_ended(one); }));
}

/// Makes room for as many again as are left; of those that an error has ended, the first stays for
/// cancel(). The others go last: their errors are reported then, and who is told may come back to
/// the set.
void periodic_set::drop_ended() {
    std::vector<periodic> left;
    left.reserve(2 * size() + 8);
    bool has_failed = false;
    for (periodic& one : all_) {
        if (has_ended(one)) {
            if (has_failed || !engine::has_error(one.target_.target())) continue;
            has_failed = true;
        }
        left.push_back(std::move(one));
    }
    all_.swap(left);
}

periodic_set::cancellation periodic_set::cancel() {
    std::vector<periodic> all = std::exchange(all_, {}); // what they hold may come back to the set
    for (const periodic& one : all) static_cast<void>(one.cancel());
    return cancellation(join(std::move(all)));
}

task<> periodic_set::join(std::vector<periodic> all) {
    periodic_core* failed = nullptr;
    for (const periodic& one : all) {
        periodic_core& core = one.target_.target();
        const auto ended = co_await detail::told(detail::end_awaiter<periodic_core>(core));
        if (!ended) co_return;
        if (!failed && engine::has_error(core)) failed = &core;
    }
    if (failed) std::rethrow_exception(engine::take_error(*failed));
}

void periodic_set::detach() noexcept {
    std::vector<periodic> all = std::exchange(all_, {});
    for (periodic& one : all) one.detach();
}

} // namespace cicada
