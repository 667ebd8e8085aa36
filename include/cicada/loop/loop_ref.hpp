#pragma once

/// loop_ref: a loop that may be gone by now.
///
///     const cicada::loop_ref home(cicada::loop::current());     // on the loop
///     if (!home.post(show_result)) ...                          // later, on any thread
///
/// Threads: any.    Lifetime: it keeps nothing alive, and is safe to use when the loop is gone.

#include <cicada/loop/loop.hpp>

namespace cicada {

class loop_ref {
public:
    /// To no loop: post() answers false.
    loop_ref() = default;
    explicit loop_ref(const loop& home) noexcept : id_(home.id()) {}

    /// As loop::post(). False, and `f` is destroyed unused, when the loop is closed, or gone.
    /// Cost: loop::post(), one lock, and a look at each loop of the process.
    template <class F>
    bool post(F f) const {
        if constexpr (!detail::can_be_posted<F>())
            return false;
        else
            return detail::executor::offer_work_to(id_, detail::make_work(std::move(f)));
    }

    friend bool operator==(const loop_ref&, const loop_ref&) = default;

private:
    std::uint64_t id_ = 0; // no loop has it
};

} // namespace cicada
