// Errands from several threads to a store that one thread writes.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>
#include <jobs/submitted_run.hpp>
#include <support/threaded_store.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using detail::reading;
using detail::thread_link;
using detail::writing;
using support::real_time;
using support::threaded_store;

task<> submit_one(thread_link& to, std::atomic<int>& done) {
    const auto row = detail::row_of("work", "{}", {}, real_time());
    auto made = to.write([row](writing& in) { return in.submit(row); });
    const detail::step_result result = co_await made;
    if (result.is == detail::verdict::taken) ++done;
}

std::size_t count_of(threaded_store& in) {
    std::size_t count = 0;
    in.read([&](reading& r) { count = r.runs({.most = 100'000}).size(); });
    return count;
}

TEST(thread_link, writes_what_waits_in_one_transaction) {
    threaded_store store;
    std::atomic<int> done{0};
    {
        thread_link link(store, real_time);
        run([](threaded_store& to, thread_link& by, std::atomic<int>& count) -> task<> {
            std::unique_lock still(to.still);
            co_await with_scope([&](scope& s) -> task<> {
                for (int i = 0; i < 64; ++i) s.spawn(submit_one(by, count));
                co_await sleep(20ms);
                still.unlock();
            });
        }(store, link, done));
    }
    EXPECT_EQ(done, 64);
    EXPECT_LE(store.writes, 2); // the first, and those that came while it waited
}

TEST(thread_link, gives_each_caller_its_own_answer) {
    threaded_store store;
    thread_link link(store, real_time);
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            run([](thread_link& by, std::atomic<int>& count) -> task<> {
                for (int i = 0; i < 50; ++i) {
                    co_await submit_one(by, count);
                    auto seen = by.read([i](reading& in) {
                        in.now();
                        return i;
                    });
                    const int answer = co_await seen;
                    EXPECT_EQ(answer, i);
                }
            }(link, done));
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(done, 200);
    EXPECT_EQ(count_of(store), 200u);
}

TEST(thread_link, undoes_only_what_throws) {
    threaded_store store;
    thread_link link(store, real_time);
    int failed = 0;
    std::atomic<int> done{0};
    run([](threaded_store& to, thread_link& by, std::atomic<int>& count, int& bad) -> task<> {
        std::unique_lock still(to.still);
        co_await with_scope([&](scope& s) -> task<> {
            for (int i = 0; i < 10; ++i) s.spawn(submit_one(by, count));
            const auto row = detail::row_of("work", "{}", {}, real_time());
            auto one = by.write([row](writing& in) -> int {
                in.submit(row);
                throw std::length_error("too much");
            });
            still.unlock();
            try {
                co_await one;
            } catch (const std::length_error&) {
                ++bad;
            }
        });
    }(store, link, done, failed));
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(done, 10);
    EXPECT_EQ(count_of(store), 10u);
}

TEST(thread_link, gives_all_of_a_batch_the_error_of_its_transaction) {
    threaded_store store;
    thread_link link(store, real_time);
    std::atomic<int> failed{0};
    store.fails = true;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            run([](thread_link& by, std::atomic<int>& bad) -> task<> {
                for (int i = 0; i < 30; ++i) {
                    auto one = by.write([](writing& in) { in.now(); });
                    try {
                        co_await one;
                    } catch (const store_error& e) {
                        if (e.fault() == store_fault::unreachable) ++bad;
                    }
                }
            }(link, failed));
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(failed, 90);
}

TEST(thread_link, does_what_waits_before_it_goes) {
    threaded_store store;
    for (int round = 0; round < 20; ++round) {
        thread_link link(store, real_time);
        const auto row = detail::row_of("work", "{}", {}, real_time());
        for (int i = 0; i < 10; ++i) {
            auto unawaited = link.write([row](writing& in) { return in.submit(row); });
        }
    }
    EXPECT_EQ(count_of(store), 200u);
}

} // namespace
