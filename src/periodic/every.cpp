#include <cicada/periodic/every.hpp>

namespace cicada {

namespace detail {

void begin_periodic(loop& home, periodic_core& made, const first& when) {
    if (executor::current() == &home) return made.begin(when);
    home.post_work(make_work([core = &made, when] { core->begin(when); }));
}

} // namespace detail

void periodic::awaiter::await_resume() const {
    end_awaiter::await_resume();
    if (const std::exception_ptr error = ended_.take_error()) std::rethrow_exception(error);
}

void periodic::cancellation::wait() const {
    target_.wait();
    if (const std::exception_ptr error = target_.target().take_error())
        std::rethrow_exception(error);
}

template <class F>
void periodic::do_on_loop(F f) const {
    core* target = &target_.target();
    if (target_.is_local()) return f(*target);
    detail::post_held(target, f);
}

void periodic::pause() const {
    do_on_loop([](core& c) { c.pause(); });
}
void periodic::resume() const {
    do_on_loop([](core& c) { c.resume(); });
}
void periodic::trigger() const {
    do_on_loop([](core& c) { c.trigger(); });
}
void periodic::reschedule(interval when) const {
    do_on_loop([when](core& c) { c.reschedule(when); });
}

detail::periodic_core& periodic::on_loop() const {
    core& target = target_.target();
    if (target_.is_local()) return target;
    throw std::logic_error(
        "cicada: next(), counters() and name() of a periodic belong to its loop's thread");
}

std::optional<wall_time> periodic::next() const { return on_loop().next(); }
periodic_counters periodic::counters() const { return on_loop().counters(); }
std::string_view periodic::name() const { return on_loop().name(); }

} // namespace cicada
