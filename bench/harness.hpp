// The bench harness: one question per file, its contenders measured side by side.
//
//   point       one setting of a question: N, a period, an accuracy
//   contender   a function that does the work once for one point and reports numbers
//   question    an id, a unit, a goal, points and contenders; registers itself
//
// Every (point, contender) runs in a process of its own, pinned to one core, so that no heap, cache
// or kernel state leaks from one to the next. Rounds interleave the contenders (A B C A B C). A row
// shows median and range over the rounds, the ratio to the bare limit and to the best peer.
//
//   void libev(const bench::point& at) { bench::report({{"ns", measure(at.n)}}); }
//   const bench::question w1{{.id = "W1", .asks = "...", .unit = "ns", .goal = "<= 7",
//                             .points = {{.label = "N=1e6", .n = 1'000'000}},
//                             .contenders = {{"limit", limit}, {"libev", libev}}}};
#pragma once

#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace bench {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

struct point {
    std::string label;
    long n = 0;
    nanoseconds period{};
    nanoseconds accuracy{};
    bool full_only = false; // left out by --quick
    int most_rounds = INT_MAX;
};

/// The first metric of a report is the one that ratios are taken of, unless the question names
/// another.
struct metric {
    char name[16];
    double value;
};

struct contender {
    std::string name; // "limit..." and "cicada..." have a meaning; every other one is a peer
    void (*run)(const point&);
    long max_n = LONG_MAX;
};

enum class better_is { lower, higher };

struct question_text {
    std::string id;
    std::string asks;
    std::string unit;
    std::string goal{};
    std::string metric{};
    better_is better = better_is::lower;
    std::vector<point> points{{}};
    std::vector<contender> contenders;
};

struct question : question_text {
    explicit question(question_text text);
};

/// Hands the numbers to the parent and ends the process, without running destructors.
[[noreturn]] void report(std::initializer_list<metric> metrics);

/// Whether this is a quick run; a contender may then do less.
bool quick() noexcept;

// Clocks: elapsed, and CPU of this process.
std::int64_t elapsed_ns() noexcept;
std::int64_t cpu_ns() noexcept;
std::int64_t resident_bytes();

/// Pins the calling thread to a core (modulo the number of cores).
void pin(int core);
/// Lets it, and the threads that it starts, use all cores.
void unpin();
int cores() noexcept;

/// Sets the timer slack of the calling thread; the kernel's default is 50 us.
void timer_slack(nanoseconds slack);

/// Nanoseconds per operation: the median over batches, so that a preempted batch does not count.
/// `batch` does `operations` operations. Runs for 0.4 s (quick: 0.15 s), at least 5 batches.
double ns_each(long operations, const std::function<void()>& batch);

/// Counts ticks: written by the loop's thread, read by a signal handler on it.
class counter {
public:
    void operator++() noexcept { value_ = value_ + 1; }
    std::uint64_t value() const noexcept { return value_; }

private:
    volatile std::uint64_t value_ = 0;
};

/// What happened between the two ends of a watch.
struct span {
    double wall_ns, cpu_ns, ticks;
};

/// Lets a loop that never ends be measured from outside it: at `begin_at` (elapsed ns) it notes CPU
/// and ticks, and `length` later calls `finish` from a signal handler; `finish` must not allocate,
/// and reports.
void watch(std::int64_t begin_at, nanoseconds length, const counter& ticks,
           void (*finish)(const span&));

/// When N periodics begin that are made one after another now: far enough for the slowest to have
/// been made.
std::int64_t begin_of(const point& at, nanoseconds making_one = 1us) noexcept;

/// The finish for periodic ticks: CPU ns a tick, million ticks per s of CPU, % of the ideal rate N
/// / P.
void watch_ticks(std::int64_t begin_at, nanoseconds length, const counter& ticks, const point& at);

/// A small fast generator, the same numbers in every run.
class generator {
public:
    explicit generator(std::uint64_t seed = 0x9e3779b97f4a7c15) noexcept : state_{seed} {}
    std::uint64_t operator()() noexcept {
        state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
        return state_;
    }
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        return low + static_cast<std::int64_t>((*this)() % static_cast<std::uint64_t>(high - low));
    }

private:
    std::uint64_t state_;
};

/// The numbers 0 .. n-1 in random order.
std::vector<std::uint32_t> shuffled(long n);

} // namespace bench
