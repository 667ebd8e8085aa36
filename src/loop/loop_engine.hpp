#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <async/engine.hpp>
#include <cicada/base/owned.hpp>
#include <cicada/loop/loop.hpp>
#include <loop/inbox.hpp>
#include <loop/timer_store.hpp>

namespace cicada::detail {

class blocking_pool;
class decision_teller;

/// What a loop is made of, and does with it. Of a loop the members are what its users see.
class loop_engine {
public:
    /// Makes the loop the current one of this thread, for a scope.
    class scope {
    public:
        explicit scope(loop& l) noexcept;
        ~scope();

    private:
        activity_engine::turn turn_;
        loop* outer_;
    };

    explicit loop_engine(loop& of);
    loop_engine(const loop_engine&) = delete;
    loop_engine& operator=(const loop_engine&) = delete;
    ~loop_engine();

    void add(resident_link& one) noexcept { residents_.push_back(one); }
    void remove(resident_link& one) noexcept { residents_.erase(one); }
    /// Of all residents that need none of their own.
    home_context& context() noexcept { return *context_; }
    blocking_pool& blocking();
    /// To loop_options::on_decision.
    void tell(std::string_view name, const decision& what) noexcept;
    /// A running number, for things without a name.
    std::uint64_t next_serial() noexcept { return ++last_serial_; }

private:
    friend class cicada::loop;

    /// Runs `f`, a callback of `task`, under the watch for slow ones.
    template <class F>
    void watched(std::string_view task, F f) {
        if (slow_callback_ == duration::zero()) [[likely]]
            return f();
        const std::string name(task); // the callback may end the task
        const elapsed_time started_at = of_.now();
        f();
        report_if_slow(name, of_.now() - started_at);
    }
    void report_if_slow(std::string_view task, duration held) noexcept;
    void run_posts() noexcept;
    void run_steps() noexcept;
    void run_timers(timer_store& timers, std::int64_t now) noexcept;
    std::optional<elapsed_time> first_deadline() noexcept;
    void read_wall();
    template <class F>
    void for_each_resident(F f) const;
    template <class F>
    void for_each_of_wall_time(F f) const;

    inbox inbox_; // first: at the address of this, which spares each post an instruction
    loop& of_;
    const duration slow_callback_; // of loop_options
    timer_store timers_; // elapsed time
    owned<timer_store> wall_timers_; // made when first needed
    list<resident_link> residents_;
    owned<blocking_pool> blocking_; // made when first needed
    owned<decision_teller> teller_; // with loop_options::on_decision
    home_context* const context_;
    std::optional<wall_time> turn_wall_; // once it is asked for
    wall_time furthest_origin_ = wall_time::min(); // wall time at elapsed zero, by the readings
    duration wall_offset_{};
    std::uint64_t last_serial_;
};

} // namespace cicada::detail
