// Promises that are kept on one thread while their futures are awaited, cancelled and destroyed on
// another.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>
#include <support/form.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using support::form;
using support::form_of_round;
using support::wait_in;

/// Without a string: two copies of a runtime_error share theirs, where ThreadSanitizer does not see
/// the count.
struct no_value {};

/// Hands promises to a thread that keeps them as fast as it can.
class keeper {
public:
    ~keeper() {
        stop_ = true;
        thread_.join();
    }
    void keep(promise<std::string> p) {
        auto* next = new promise<std::string>(std::move(p));
        while (slot_.load()) std::this_thread::yield();
        slot_.store(next);
    }

private:
    void run() {
        while (!stop_ || slot_) {
            std::unique_ptr<promise<std::string>> next(slot_.exchange(nullptr));
            if (!next) {
                std::this_thread::yield();
                continue;
            }
            ++kept_;
            if (kept_ % 3 == 0) continue; // dropped
            if (kept_ % 3 == 1) {
                next->set_value(std::string(40, 'v'));
            } else {
                next->set_error(no_value());
            }
        }
    }

    std::atomic<promise<std::string>*> slot_{nullptr};
    std::atomic<bool> stop_{false};
    int kept_ = 0;
    std::thread thread_{[this] { run(); }};
};

task<> expect_outcome(future<std::string>& f, form how = form::thrown) {
    try {
        co_await wait_in<future<std::string>&>(
            how, f, [](const std::string& value) { EXPECT_EQ(value, std::string(40, 'v')); });
    } catch (const closed_error&) {
    } catch (const no_value&) {
    }
}

TEST(future, is_awaited_while_another_thread_keeps_its_promise) {
    run([]() -> task<> {
        keeper other;
        for (int round = 0; round < 2'000; ++round) {
            promise<std::string> p;
            auto f = p.future();
            other.keep(std::move(p));
            for (int i = 0; i < round % 5; ++i) co_await yield();
            co_await expect_outcome(f);
            EXPECT_FALSE(f);
        }
    }());
}

TEST(future, gives_its_outcome_although_its_waiters_were_cancelled_while_it_came) {
    run([]() -> task<> {
        keeper other;
        for (int round = 0; round < 2'000; ++round) {
            promise<std::string> p;
            auto f = p.future();
            auto waiting = spawn(expect_outcome(f, form_of_round(round)));
            co_await yield();
            other.keep(std::move(p));
            for (int i = 0; i < round % 4; ++i) co_await yield();
            co_await waiting.cancel();
            if (f) co_await expect_outcome(f);
        }
    }());
}

TEST(future, loses_against_a_timeout_and_gives_its_outcome_later) {
    run([]() -> task<> {
        keeper other;
        for (int round = 0; round < 500; ++round) {
            promise<std::string> p;
            auto f = p.future();
            other.keep(std::move(p));
            try {
                co_await with_timeout(duration(round * 100),
                                      expect_outcome(f, form_of_round(round)));
            } catch (const timeout_error&) {
            }
            if (f) co_await expect_outcome(f);
        }
    }());
}

TEST(future, may_be_dropped_while_its_promise_is_kept) {
    for (int round = 0; round < 500; ++round) {
        promise<std::string> p;
        std::optional<future<std::string>> f(p.future());
        std::thread other([&] { p.set_value(std::string(40, 'v')); });
        if (round % 2 == 0) std::this_thread::yield();
        f.reset();
        other.join();
    }
}

TEST(promise, is_kept_while_the_loop_that_waits_is_shut_down) {
    for (int round = 0; round < 100; ++round) {
        std::vector<promise<int>> promises(20);
        std::vector<future<int>> futures;
        for (auto& p : promises) futures.push_back(p.future());
        std::thread keeping;
        {
            loop_thread waits;
            for (auto& f : futures) {
                spawn(waits.get(), wait_in<future<int>&>(form_of_round(round), f)).detach();
            }
            keeping = std::thread([&] {
                for (auto& p : promises) p.set_value(1);
            });
            if (round % 2 == 0) std::this_thread::yield();
        }
        keeping.join();
        for (const auto& f : futures) EXPECT_TRUE(!f || f.is_ready());
    }
}

TEST(promise, passes_values_to_and_fro_between_loops) {
    loop_group loops(2);
    const auto add_one = [](future<int> in, promise<int> out) -> task<> {
        out.set_value(co_await in + 1);
    };
    const auto take = [](future<int> in) -> task<int> { co_return co_await in; };
    for (int round = 0; round < 300; ++round) {
        promise<int> first;
        promise<int> second;
        promise<int> third;
        auto end = third.future();
        auto between = second.future();
        const auto a = spawn(loops[0], add_one, first.future(), std::move(second));
        const auto b = spawn(loops[1], add_one, std::move(between), std::move(third));
        first.set_value(round);
        EXPECT_EQ(spawn(loops[0], take, std::move(end)).wait(), round + 2);
    }
}

} // namespace
