#include <cicada/loop/simulation.hpp>

#include <cicada/loop/snapshot.hpp>

#include <utility>

#include <loop/loop_engine.hpp>

namespace cicada {

namespace {

class simulated_driver final : public driver {
public:
    explicit simulated_driver(wall_time start) noexcept : wall_set_to_(start) {}

    elapsed_time elapsed_now() noexcept override { return elapsed_; }
    wall_time wall_now() noexcept override { return later(wall_set_to_, elapsed_ - wall_set_at_); }
    void wake() noexcept override {} // it never sleeps
    bool is_simulated() const noexcept override { return true; }

    void move_to(elapsed_time instant) noexcept {
        if (instant > elapsed_) elapsed_ = instant;
    }
    void set_wall(wall_time instant) noexcept {
        wall_set_to_ = instant;
        wall_set_at_ = elapsed_;
        was_set_ = true;
    }
    /// Since it was asked last.
    bool was_set() noexcept { return std::exchange(was_set_, false); }

    /// Where elapsed time begins: not at 0, so that code which takes an instant for a duration is
    /// found out.
    static constexpr elapsed_time begin{std::chrono::hours(24)};

private:
    elapsed_time elapsed_ = begin;
    wall_time wall_set_to_;
    elapsed_time wall_set_at_ = begin;
    bool was_set_ = false;
};

} // namespace

struct simulation::state {
    state(wall_time start, loop_options options)
        : driver(start), turned(driver, std::move(options)), here(turned) {}
    template <class F>
    void as_a_turn(F f) noexcept {
        is_turning = true;
        f();
        is_turning = false;
    }
    std::optional<elapsed_time> turn() noexcept {
        std::optional<elapsed_time> next;
        as_a_turn([&] { next = turned.run_ready(); });
        return driver.was_set() ? driver.elapsed_now() : next;
    }
    /// Turns until nothing is left to do now; gives the next deadline.
    std::optional<elapsed_time> turn_all() noexcept {
        auto next = turn();
        while (next && *next <= driver.elapsed_now()) next = turn();
        return next;
    }
    void require_outside() const {
        if (is_turning)
            throw std::logic_error(
                "cicada: a simulation was turned by what it runs: there, let a task co_await "
                "cicada::sleep, or use stall()");
    }
    [[noreturn]] void stuck() const;

    simulated_driver driver;
    loop turned;
    detail::loop_engine::scope here;
    bool is_turning = false;
};

void simulation::state::stuck() const {
    std::string what = "cicada: the simulation stands still: no timer is pending, and every task "
                       "waits for another:";
    const auto add = [&](const auto& one) {
        what +=
            "\n  " + (one.name.empty() ? "(unnamed)" : one.name) + " waits for " + one.waits_for;
    };
    const loop_snapshot all = turned.snapshot();
    for (const task_snapshot& one : all.tasks) add(one);
    for (const periodic_snapshot& one : all.periodics) add(one);
    throw error(what);
}

simulation::simulation(wall_time start, loop_options options) {
    if (detail::executor::current())
        throw std::logic_error("cicada: this thread already has a loop, or a simulation");
    state_.reset(new state(start, std::move(options)));
}

simulation::simulation(std::string_view start, loop_options options)
    : simulation(parse_instant(start), std::move(options)) {}

simulation::~simulation() {
    try {
        shut_down();
    } catch (const error&) {
        // What waits for ever even when cancelled is destroyed with the loop.
    }
}

loop& simulation::get() noexcept { return state_->turned; }
elapsed_time simulation::now() const noexcept { return state_->driver.elapsed_now(); }
wall_time simulation::wall_now() const noexcept { return state_->driver.wall_now(); }
duration simulation::elapsed() const noexcept { return now() - simulated_driver::begin; }
void simulation::set_wall(wall_time instant) noexcept { state_->driver.set_wall(instant); }
void simulation::pass(duration time) noexcept { state_->driver.move_to(later(now(), time)); }

void simulation::require_open() const {
    state_->require_outside();
    detail::activity_engine::require_not_over(state_->turned);
}

void simulation::settle() {
    require_open();
    state_->turn_all();
}

void simulation::advance_to(elapsed_time instant) {
    require_open();
    for (;;) {
        const auto next = state_->turn_all();
        if (!next || *next > instant) break;
        state_->driver.move_to(*next);
    }
    state_->driver.move_to(instant);
}

void simulation::run_until_ended(const detail::activity& main) {
    while (!main.has_ended()) {
        const auto next = state_->turn();
        if (main.has_ended()) break;
        if (!next) state_->stuck();
        state_->driver.move_to(*next);
    }
    shut_down();
}

void simulation::shut_down() {
    state_->require_outside();
    loop& turned = state_->turned;
    turned.close();
    state_->as_a_turn([&] { turned.shut_down(); });
    while (!turned.is_drained()) {
        if (const auto next = state_->turn()) {
            state_->driver.move_to(*next);
        } else if (!turned.is_drained() && !turned.has_posts()) { // other threads may post
            state_->stuck();
        }
    }
    detail::activity_engine::set_over(turned);
}

} // namespace cicada
