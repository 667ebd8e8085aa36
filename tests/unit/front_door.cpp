// The programs of the front door, as they stand in docs/design.md, and the one that cicada began
// with.

#include <cicada/cicada.hpp>

#include <cstdio>
#include <ctime>
#include <functional>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type" // only main may do without a return
#define main seconds_since_main
namespace seconds_since {
#include "../../examples/seconds_since.cpp"
}
#undef main
#pragma GCC diagnostic pop

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

/// The simulation whose time std::chrono::steady_clock shows, if there is one.
const cicada::simulation* shown = nullptr;

} // namespace

/// The program reads std::chrono::steady_clock, as any program may. This definition takes the place
/// of the one in the standard library, in this test program only: simulated time while `shown` is
/// set, and otherwise what it always was. GoogleTest, which measures with the same clock, reads it
/// before and after a test, when `shown` is not set.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    if (shown) return time_point(shown->now().time_since_epoch());
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return time_point(seconds(t.tv_sec) + nanoseconds(t.tv_nsec));
}

namespace {

TEST(front_door, the_program_that_it_began_with_prints_exactly_its_nine_lines) {
    cicada::simulation sim;
    shown = &sim;
    testing::internal::CaptureStdout();
    sim.run(seconds_since::program());
    std::fflush(stdout);
    shown = nullptr;
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "Doing something..\n"
                                                      "0 seconds have passed.\n"
                                                      "3 seconds have passed.\n"
                                                      "6 seconds have passed.\n"
                                                      "9 seconds have passed.\n"
                                                      "Doing something else..\n"
                                                      "12 seconds have passed.\n"
                                                      "Shutting down now...\n"
                                                      "Done\n");
    EXPECT_EQ(sim.elapsed(), 15s);
}

std::vector<std::string> log;

void flush_buffers(std::vector<int>& buffers) {
    log.push_back("flushed " + std::to_string(buffers.size()));
    buffers.clear();
}
void log_gap(cicada::wall_time nominal, std::uint64_t missed) {
    log.push_back(cicada::format_instant(nominal) + " and " + std::to_string(missed) + " more");
}
void send_report() { log.push_back("reported"); }
void compact_database() { log.push_back("compacted"); }
void say_hello() { log.push_back("hello"); }
cicada::task<int> compute() {
    co_await cicada::sleep(1s);
    co_return 42;
}
cicada::task<> left() {
    co_await cicada::sleep(2s);
    log.push_back("left");
}
cicada::task<> right() {
    co_await cicada::sleep(1s);
    log.push_back("right");
}
cicada::task<> say_goodbye() {
    co_await cicada::sleep(1s);
    log.push_back("goodbye");
}
cicada::task<std::string> ask() {
    co_await cicada::sleep(1s);
    co_return "a reply";
}

class snippet : public testing::Test {
protected:
    snippet() { log.clear(); }
};

// clang-format off: the snippets stand here as they do in the documents

TEST_F(snippet, fixed_rate_with_options_by_name) {
    cicada::simulation sim;
    std::vector<int> buffers{1, 2, 3};
    auto flush = cicada::every(250ms, {.name = "flush", .overlap = cicada::overlap::skip, .jitter = 10ms}, flush_buffers, std::ref(buffers));
    sim.advance(260ms);
    EXPECT_THAT(log, ElementsAre("flushed 3", "flushed 0"));
    EXPECT_EQ(flush.name(), "flush");
}

TEST_F(snippet, calendars_are_the_same_call_with_another_schedule) {
    cicada::simulation sim("2015-01-02T00:00:00Z"); // a Friday
    auto report = cicada::every(cicada::cron("0 7 * * MON-FRI", "Europe/Berlin"), {.name = "report", .retry = {.max = 3}}, send_report);
    sim.advance(24h * 4);
    EXPECT_THAT(log, ElementsAre("reported", "reported"));
    EXPECT_EQ(report.next(), cicada::parse_instant("2015-01-06T06:00:00Z"));
}

TEST_F(snippet, the_body_may_ask_about_its_tick) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    auto poll = cicada::every(1s, [](cicada::tick t) { if (t.missed > 0) log_gap(t.nominal, t.missed); });
    sim.advance(5s);
    sim.stall(10s);
    sim.advance(5s);
    EXPECT_THAT(log, ElementsAre("2026-01-01T00:00:06Z and 9 more"));
}

TEST_F(snippet, blocking_work_leaves_the_loop) {
    cicada::simulation sim;
    auto pack = cicada::every(1h, cicada::blocking(compact_database));
    sim.advance(1h);
    EXPECT_THAT(log, ElementsAre("compacted", "compacted"));
}

TEST_F(snippet, one_shots_tasks_groups_and_timeouts) {
    cicada::simulation sim;
    sim.run([]() -> cicada::task<> {
        auto once   = cicada::after(10s, say_hello);
        // a join_handle<T>: co_await answer, or answer.cancel()
        auto answer = cicada::spawn(compute());
        co_await cicada::with_scope([](cicada::scope& s) -> cicada::task<> { s.spawn(left()); s.spawn(right()); co_return; });
        auto reply  = co_await cicada::with_timeout(2s, ask());
        EXPECT_EQ(co_await answer, 42);
        EXPECT_EQ(reply, "a reply");
        co_await once;
    }());
    EXPECT_THAT(log, ElementsAre("right", "left", "hello"));
    EXPECT_EQ(sim.elapsed(), 10s);
}

TEST_F(snippet, stop_gracefully) {
    cicada::simulation sim;
    static std::vector<int> buffers;
    constexpr auto serve = []() -> cicada::task<> {
        auto flush = cicada::every(250ms, flush_buffers, std::ref(buffers));
        try {
            co_await flush;                              // for ever, until SIGTERM or ^C
        } catch (const cicada::cancelled&) {
            log.push_back("shutting down");
        }
        co_await say_goodbye();                          // there is time to clean up
    };
    auto serving = cicada::spawn(serve);
    sim.advance(300ms);
    serving.cancel();
    sim.advance(10s);
    EXPECT_THAT(log, ElementsAre("flushed 0", "flushed 0", "shutting down", "flushed 0", "flushed 0", "flushed 0", "flushed 0", "goodbye"));
}

TEST_F(snippet, from_any_other_thread) {
    cicada::loop_thread background;
    cicada::loop& loop = background.get();
    loop.post([] { /* ... */ });
    const auto beat = cicada::spawn(loop, compute);
    beat.cancel();
}

TEST_F(snippet, a_year_of_schedules_in_milliseconds) {
    const auto program = []() -> cicada::task<> {
        auto pack = cicada::every(24h, compact_database);
        co_await cicada::sleep_until(cicada::parse_instant("2027-01-01T00:00:00Z") - 1s);
    };
    cicada::simulation sim{"2026-01-01T00:00:00Z"}; sim.run(program());
    EXPECT_EQ(log.size(), 365u);
}

} // namespace
