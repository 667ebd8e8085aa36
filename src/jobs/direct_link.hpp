#pragma once

/// direct_link: to a store in the same simulation. What is carried is done at once, each errand in
/// a transaction of its own, and the answer is there when the call returns.
///
/// Threads: one: that of the simulation.

#include <jobs/link.hpp>

namespace cicada::detail {

class CICADA_API direct_link final : public store_link {
public:
    /// `clock` is the store's. Several links may lead to one store, which outlives them.
    direct_link(store& to, function<wall_time()> clock) : to_(to), clock_(std::move(clock)) {}

    void carry(std::shared_ptr<errand> what) override;
    void carry_reading(std::shared_ptr<question> what) override;
    wall_time now() override { return clock_(); }

private:
    store& to_;
    const function<wall_time()> clock_;
};

} // namespace cicada::detail
