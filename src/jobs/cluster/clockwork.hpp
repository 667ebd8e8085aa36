#pragma once

/// clockwork: what happens in a simulated cluster, in the order of its times: messages arrive, and
/// machines take their turns. It stands on the loop of the simulation as one timer.

#include <map>
#include <memory>
#include <vector>

#include <cicada/base/function.hpp>
#include <cicada/loop/loop.hpp>
#include <cicada/loop/timer.hpp>

namespace cicada::detail {

/// What has a turn to take when its time has come.
class turning {
public:
    virtual std::optional<elapsed_time> due_at() const noexcept = 0;
    virtual void turn() noexcept = 0;
    /// The simulation is over.
    virtual void close() noexcept = 0;

protected:
    ~turning() = default;
};

class clockwork final : public std::enable_shared_from_this<clockwork>, private timer {
    using agenda = std::multimap<elapsed_time, function<void()>>;

public:
    explicit clockwork(loop& simulated) noexcept;
    ~clockwork() { close(); }

    loop& simulated() const noexcept { return loop_; }
    elapsed_time now() const noexcept { return loop_.now(); }
    bool is_over() const noexcept { return is_over_; }

    /// Calls `f` then, and what comes at the same instant in the order of these calls. When the
    /// simulation is over, time stands still, and so it comes never.
    using entry = agenda::iterator;
    entry at(elapsed_time when, function<void()> f);
    /// It has not come yet.
    void drop(entry one) noexcept { to_come_.erase(one); }
    void add(turning& one) { all_.push_back(&one); }
    /// Something may be due earlier than it was.
    void look_again() noexcept;
    /// Nothing takes a turn from here on; what was to come, comes at once.
    void close() noexcept;

private:
    void expired(const expiry&) noexcept override;
    bool stay() noexcept override;
    void shut_down() noexcept override;
    void arm() noexcept;
    void run_due() noexcept;

    loop& loop_;
    agenda to_come_;
    std::vector<turning*> all_;
    bool is_at_work_ = false;
    bool is_over_ = false;
    resident_link link_{*this};
    std::shared_ptr<clockwork> kept_; // until shut_down()
};

} // namespace cicada::detail
