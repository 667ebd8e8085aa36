#pragma once

/// One suite for every driver: what tasks, timers, periodics and cancellation promise, whoever
/// turns the loop.
///
///     TEST_P(conformance, sleep_is_never_early) {
///         run([]() -> task<> { ... });             // to its end, as cicada::run does
///     }
///
/// Most drivers run in real time, so delays are short, and only order and lower bounds are checked.
/// The suite in tests/unit checks exact times in a simulation.

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <cicada/cicada.hpp>

namespace conformance_of {

struct driver {
    std::string name;
    /// Starts the program on a loop of this driver, and returns when the loop has been closed and
    /// has drained.
    void (*run)(cicada::loop_options options, void (*start)(cicada::loop&, void*), void* program);
    bool is_simulated = false;
};

inline void PrintTo(const driver& one, std::ostream* out) { *out << one.name; }

std::vector<driver>& drivers();

/// A driver joins the suite by `const registered thread({...});` in a file of its own.
struct registered {
    explicit registered(driver one) { drivers().push_back(std::move(one)); }
};

} // namespace conformance_of

class conformance : public testing::TestWithParam<conformance_of::driver> {
protected:
    template <class F>
    void run(F program, cicada::loop_options options = {}) {
        if (!options.on_error) {
            options.on_error = [this](const cicada::error_report& report) {
                errors.push_back(std::string(report.task) + ": " + report.what());
            };
        }
        GetParam().run(
            std::move(options),
            [](cicada::loop& home, void* f) {
                cicada::spawn(home, to_its_end(home, *static_cast<F*>(f))).detach();
            },
            &program);
    }
    ~conformance() override {
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_)
            << "blocks of the pool were lost, or freed twice";
    }

    /// "name: what" of what came to the error handler.
    std::vector<std::string> errors;

private:
    template <class F>
    static cicada::task<> to_its_end(cicada::loop& home, F& program) {
        try {
            co_await program();
        } catch (const std::exception& e) {
            ADD_FAILURE() << "the program failed: " << e.what();
        }
        home.close();
    }

    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
};

/// Waits until it is cancelled, and then goes on for a while.
inline cicada::task<> cleans_up_slowly(std::string& log) {
    try {
        co_await cicada::sleep(std::chrono::hours(1));
    } catch (const cicada::cancelled&) {
        log += "asked ";
    }
    co_await cicada::sleep(std::chrono::milliseconds(2));
    log += "cleaned ";
}
