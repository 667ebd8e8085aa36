#include <cicada/cicada.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <support/simulated.hpp>

// What is gathered at a shutdown, or as time zones change, is freed by nothing else of the batch.
// Under AddressSanitizer.

using namespace std::chrono_literals;
using cicada::decision;
using cicada::periodic;
using cicada::task;

namespace {

[[noreturn]] void fail() { throw std::runtime_error("no"); }

const cicada::retry patient{.max = 3, .backoff = 5s};

cicada::schedule secondly() { return cicada::cron("* * * * * *"); }

TEST(shutdown, while_retries_wait_ends_each_periodic_once) {
    // The timer of a retry was gathered as well, and the periodic before it freed it.
    support::simulated sim;
    sim.run([]() -> task<> {
        cicada::every(20ms, {.retry = patient}, fail).detach();
        co_await cicada::sleep(50ms);
    });
    EXPECT_EQ(sim.errors.size(), 1u);
}

TEST(shutdown, while_many_retries_wait_on_both_time_lines) {
    support::simulated sim;
    std::vector<periodic> all;
    for (int i = 0; i < 20; ++i) {
        const cicada::every_options how{
            .overlap = cicada::overlap::allow{3},
            .retry = {.max = 3, .backoff = std::chrono::milliseconds(1 + i * 700), .factor = 9}};
        all.push_back(cicada::every(std::chrono::milliseconds(20 + i * 300), how, fail));
        all.push_back(cicada::every(cicada::fixed_delay(1s), how, fail));
        all.push_back(cicada::every(secondly(), how, [i]() -> task<> {
            co_await cicada::sleep(std::chrono::milliseconds(i));
            fail();
        }));
    }
    sim->advance(3s);
    sim->shut_down();
    for (const periodic& p : all) EXPECT_TRUE(p.has_ended());
}

void drop(std::vector<periodic>& all) {
    // It may be called again by one of them.
    const std::vector<periodic> gone(std::exchange(all, {}));
}

/// Each holds the handle of the one made before it, or after it, and drops it with its body.
TEST(shutdown, of_periodics_whose_bodies_hold_the_handles_of_others) {
    for (const bool backwards : {false, true}) {
        support::simulated sim;
        const auto kept = std::make_shared<std::vector<periodic>>(30);
        for (std::size_t i = 0; i < 30; ++i) {
            struct holder {
                std::shared_ptr<std::vector<periodic>> all;
                std::size_t other;
                ~holder() {
                    if (all) all->at(other) = periodic();
                }
                holder(std::shared_ptr<std::vector<periodic>> a, std::size_t o)
                    : all(std::move(a)), other(o) {}
                holder(holder&&) = default;
                void operator()() { fail(); }
            };
            holder body(kept, (i + (backwards ? 29 : 1)) % 30);
            const cicada::every_options how{.retry = patient};
            kept->at(i) = i % 3 == 0   ? cicada::every(secondly(), how, std::move(body))
                          : i % 3 == 1 ? cicada::every(1s + i * 100ms, how, std::move(body))
                                       : cicada::every(1s, std::move(body));
        }
        sim->advance(2s);
        sim->shut_down();
        EXPECT_EQ(kept.use_count(), 1) << "every body is gone";
    }
}

TEST(shutdown, whose_decisions_drop_the_handles_of_all_others) {
    support::simulated sim;
    std::vector<periodic> all;
    int told = 0;
    const cicada::every_options how{.retry = patient, .on_decision = [&](const decision& d) {
                                        if (d.what != decision::kind::failed) return;
                                        ++told;
                                        drop(all);
                                    }};
    for (int i = 0; i < 10; ++i) {
        all.push_back(cicada::every(1h, how, fail));
        all.push_back(cicada::every(secondly(), how, fail));
        all.push_back(cicada::every(1h, {.retry = patient}, fail));
        all.push_back(cicada::every(1h, fail));
    }
    sim->advance(1500ms);
    EXPECT_EQ(told, 0);
    sim->shut_down();
    EXPECT_EQ(told, 20);
}

TEST(shutdown, whose_error_handler_drops_the_handles_of_all_others) {
    std::vector<periodic> all;
    int told = 0;
    bool drops = false;
    support::simulated sim({.on_error = [&](const cicada::error_report&) {
        ++told;
        if (drops) drop(all);
    }});
    for (int i = 0; i < 10; ++i) {
        all.push_back(cicada::every(1h, {.retry = patient}, fail));
        all.push_back(cicada::every(secondly(), {.retry = patient}, fail));
        all.push_back(cicada::every(1h, []() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
            }
            fail();
        }));
    }
    sim->advance(1500ms);
    EXPECT_EQ(told, 20);
    drops = true;
    sim->shut_down();
    EXPECT_EQ(told, 30);
}

TEST(shutdown, amid_sleeps_timeouts_and_waits_for_an_end) {
    support::simulated sim;
    int cleaned_up = 0;
    const auto sleeper = [](int& done, periodic of) -> task<> {
        try {
            co_await cicada::with_timeout(1h, [](periodic& p) -> task<> { co_await p; }(of));
        } catch (const cicada::cancelled&) {
            of = periodic(); // drops it amid the batch
            ++done;
            throw;
        }
    };
    for (int i = 0; i < 10; ++i) {
        auto p = cicada::every(1s, {.retry = patient}, fail);
        cicada::spawn(sleeper(cleaned_up, std::move(p))).detach();
        cicada::spawn([](cicada::wall_time until) -> task<> {
            co_await cicada::sleep_until(until);
        }(sim->wall_now() + 1h))
            .detach();
    }
    sim->advance(2s);
    sim->shut_down();
    EXPECT_EQ(cleaned_up, 10);
}

/// Every hour, until it is told to end.
class ends_when_told final : public cicada::detail::schedule_rule {
public:
    explicit ends_when_told(const bool& ends) : ends_(ends) {}
    std::optional<cicada::wall_time> next(cicada::wall_time after) const override {
        return ends_ ? std::nullopt : std::optional(after + 1h);
    }
    std::optional<cicada::wall_time> previous(cicada::wall_time) const override {
        return std::nullopt;
    }
    bool matches(cicada::wall_time) const override { return false; }
    std::string text() const override { return "ends_when_told"; }

private:
    const bool& ends_;
};

TEST(reconsider, of_a_calendar_that_ends_with_it_and_drops_the_others_of_the_batch) {
    support::simulated sim;
    std::vector<periodic> all;
    bool ends = false;
    struct last_words {
        std::function<void()> say;
        ~last_words() { say(); }
    };
    const cicada::schedule until_told(new ends_when_told(ends));
    for (int i = 0; i < 10; ++i) {
        all.push_back(cicada::every(secondly(), {.retry = patient}, fail));
        all.push_back(cicada::every(secondly(), [] {}));
        const auto words = std::make_shared<last_words>([&] { drop(all); });
        all.push_back(cicada::every(until_told, [words] {}));
        all.push_back(cicada::at(sim->wall_now() + 1h, [] {}));
    }
    sim->advance(1500ms);
    ends = true;
    sim->get().reconsider();
    sim->settle();
    EXPECT_TRUE(all.empty());
}

} // namespace
