#pragma once

/// What the tests of async/ run on: an executor with nothing around it, neither loop nor time.
///
///     support::bare on;                               // is this thread's executor from here on
///     EXPECT_EQ(on.run([]() -> task<int> { co_return 1; }), 1);
///
/// At its end it checks that every block of the pool is back.

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <async/engine.hpp>
#include <async/report.hpp>
#include <cicada/async/spawn.hpp>
#include <support/counted.hpp>

namespace support {

class bare final : public cicada::detail::executor {
    using engine = cicada::detail::activity_engine;

public:
    ~bare() {
        engine::destroy_all(*this);
        run_posts();
        engine::destroy_all(*this);
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_ + outlived_by)
            << "blocks were lost, or freed twice";
    }

    /// One turn: a step of each activity that is ready.
    void turn() {
        run_posts();
        engine::run_queued(*this, [](cicada::detail::activity& next) { next.run(); });
    }
    bool is_idle() const noexcept { return engine::is_idle(*this); }
    void cancel_all() noexcept { engine::cancel_all(*this); }
    /// Turns until nothing is ready.
    void settle() {
        while (engine::has_queued(*this) || !posts_.empty()) turn();
    }

    /// Runs to the end, and gives the value or throws; `cancelled` is thrown as such.
    template <class T>
    T run(cicada::task<T> work) {
        auto& main = cicada::detail::spawned<T>::start(*this, std::move(work));
        const cicada::detail::holdable_ref hold(&main);
        settle();
        if (!main.has_ended())
            throw std::logic_error(std::string("it waits for ever, for ") +
                                   engine::waits_for(main));
        return main.outcome().take();
    }
    template <class F>
        requires cicada::detail::coroutine_function<F>
    auto run(F f) {
        return run(cicada::detail::call<cicada::detail::coroutine_value<F>, F>(std::move(f)));
    }

    void report_error(std::string_view task, std::exception_ptr error) noexcept override {
        errors.push_back(std::string(task) + ": " + cicada::detail::describe(error));
    }
    bool push_work(cicada::detail::work* item) noexcept override {
        posts_.emplace_back(item);
        return false;
    }

    /// "name: what" of what came to the error handler.
    std::vector<std::string> errors;
    /// How many ended tasks the test still has handles to when this goes.
    int outlived_by = 0;

private:
    void run_posts() {
        while (!posts_.empty()) {
            const auto item = std::move(posts_.front());
            posts_.pop_front();
            item->run();
        }
    }

    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
    std::deque<std::unique_ptr<cicada::detail::work>> posts_;
    engine::turn here_{*this};
};

} // namespace support
