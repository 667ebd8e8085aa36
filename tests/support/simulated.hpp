#pragma once

/// A simulation that keeps what came to its error handler, and checks in the end that every block
/// of the pool is back.
///
///     support::simulated sim;
///     sim.run([]() -> task<> { co_await sleep(1s); });
///     EXPECT_EQ(sim.elapsed(), 1s);

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <cicada/cicada.hpp>
#include <support/counted.hpp>

namespace support {

class simulated {
public:
    explicit simulated(cicada::loop_options options = {})
        : simulated("2026-01-01T00:00:00Z", std::move(options)) {}
    explicit simulated(const char* start, cicada::loop_options options = {}) {
        if (!options.on_error) {
            options.on_error = [this](const cicada::error_report& report) {
                errors.push_back(std::string(report.task) + ": " + report.what());
            };
        }
        sim_.emplace(start, std::move(options));
    }
    simulated(const simulated&) = delete;
    simulated& operator=(const simulated&) = delete;
    ~simulated() {
        sim_.reset();
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_)
            << "blocks of the pool were lost, or freed twice";
    }

    /// Runs to the end, with all that was started besides.
    template <class F>
        requires cicada::detail::coroutine_function<F>
    auto run(F f) {
        return sim_->run(cicada::detail::call<cicada::detail::coroutine_value<F>, F>(std::move(f)));
    }
    cicada::simulation* operator->() noexcept { return &*sim_; }
    cicada::duration elapsed() const noexcept { return sim_->elapsed(); }

    /// "name: what" of what came to the error handler.
    std::vector<std::string> errors;

private:
    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
    std::optional<cicada::simulation> sim_;
};

} // namespace support
