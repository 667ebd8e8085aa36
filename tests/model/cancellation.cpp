// Random small trees of tasks, and random things done to them: whatever the order, each wait ends
// with its value or with `cancelled` and never with both or neither, no error vanishes, nothing
// runs after an awaited cancel, and nothing is left.
//
// A case is one seed. To repeat one alone: CICADA_SEED=<seed> model_tests
// --gtest_filter=cancellation.*

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <cicada/cicada.hpp>
#include <support/listed.hpp>
#include <support/random.hpp>
#include <support/simulated.hpp>
#include <support/slow.hpp>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

constexpr int least_waits = support::is_slow ? 100'000 : 1'500'000;
constexpr int cases_of_a_simulation = 500;

struct own_error : std::exception {
    explicit own_error(std::size_t n) : id(n) {}
    std::size_t id;
};

/// What the tasks of a case share, and what they find wrong.
struct world {
    explicit world(std::uint64_t s)
        : seed(s), random(s), permits(1 + random(2)), slots(permits), queue(random(3)) {}

    std::uint64_t seed;
    support::random_numbers random;
    std::array<event, 2> events;
    unsigned permits;
    semaphore slots;
    channel<int> queue;

    int alive = 0; // frames, with their captures
    unsigned held = 0; // permits
    int sent = 0;
    int received = 0;
    int waits_begun = 0;
    int waits_completed = 0;
    int waits_cancelled = 0;
    std::vector<bool> root_is_over; // by root: nothing of it may run any more
    std::vector<bool> root_has_begun;
    std::vector<int> alive_of_root;
    std::vector<int> ends_of_error; // by error: how often somebody was told
    std::string wrong;

    void expect(bool holds, const char* what) {
        if (!holds && wrong.empty()) wrong = what;
    }
    std::size_t new_root() {
        root_is_over.push_back(false);
        root_has_begun.push_back(false);
        alive_of_root.push_back(0);
        return root_is_over.size() - 1;
    }
    void runs(std::size_t root) {
        expect(!root_is_over[root], "code ran of a task that had ended, or never was to begin");
        root_has_begun[root] = true;
    }
    void is_asked_to_cancel(std::size_t root) {
        if (!root_has_begun[root]) root_is_over[root] = true;
    }
    void over(std::size_t root) {
        expect(alive_of_root[root] == 0,
               "a task had ended, but not all its captures were destroyed");
        root_is_over[root] = true;
    }
    [[noreturn]] void fail() {
        ends_of_error.push_back(0);
        throw own_error(ends_of_error.size() - 1);
    }
    duration moment() { return std::chrono::milliseconds(random(4)); }
};

/// Lives as long as a frame.
class presence {
public:
    presence(world& w, std::size_t root) : world_(&w), root_(root) { count(+1); }
    presence(presence&& other) noexcept : world_(other.world_), root_(other.root_) { count(+1); }
    presence& operator=(presence&&) = delete;
    ~presence() { count(-1); }

private:
    void count(int change) {
        world_->alive += change;
        world_->alive_of_root[root_] += change;
    }
    world* world_;
    std::size_t root_;
};

task<> hold_a_permit(world& w) {
    struct holding {
        explicit holding(world& in) : w(in) {
            w.expect(++w.held <= w.permits, "more permits than there are");
        }
        ~holding() { --w.held; }
        world& w;
    };
    const auto permit = co_await w.slots.acquire();
    const holding here(w);
    co_await sleep(w.moment());
}

task<> wait_for_something(world& w) {
    switch (w.random(7)) {
    case 0:
        co_await sleep(w.moment());
        break;
    case 1:
        co_await w.events[w.random(2)].wait();
        break;
    case 2:
        co_await hold_a_permit(w);
        break;
    case 3:
        try {
            co_await w.queue.send(1);
            ++w.sent;
        } catch (const closed_error&) {
        }
        break;
    case 4:
        if (co_await w.queue.receive()) ++w.received;
        break;
    case 5:
        co_await yield();
        break;
    default:
        co_await sleep_until(wall_now() + w.moment());
        break;
    }
}

task<> leaf(world& w, std::size_t root, [[maybe_unused]] presence here) {
    w.runs(root);
    bool asked = false;
    ++w.waits_begun;
    try {
        if (w.random(2) == 0) {
            co_await wait_for_something(w);
        } else {
            const auto given = co_await unless_cancelled(wait_for_something(w));
            asked = !given;
        }
    } catch (const cancelled&) {
        asked = true;
    }
    ++(asked ? w.waits_cancelled : w.waits_completed);
    w.runs(root);
    if (!asked) {
        if (w.random(12) == 0) w.fail();
        co_return;
    }
    switch (w.random(8)) {
    case 0:
        co_return; // swallows it
    case 1:
        w.fail();
    case 2:
        co_await shield([](world& in) -> task<> { co_await sleep(in.moment()); }(w));
        break;
    default:
        break;
    }
    w.runs(root);
    throw cancelled{};
}

task<> tree(world& w, std::size_t root, unsigned depth, presence here);

task<> leaf_or_tree(world& w, std::size_t root, unsigned depth) {
    if (depth == 0) return leaf(w, root, presence(w, root));
    return tree(w, root, depth, presence(w, root));
}

/// Waits for a handle, or for its cancel, and notes the outcome.
task<> end_of(world& w, const join_handle<>& handle, std::size_t root, bool by_cancel) {
    try {
        if (by_cancel) {
            co_await handle.cancel();
        } else {
            co_await handle;
        }
    } catch (const task_cancelled&) {
        w.expect(!by_cancel, "awaiting a cancel threw task_cancelled");
    } catch (const own_error& e) {
        w.ends_of_error[e.id] = 1; // each who asks is told
    }
    w.over(root);
}

task<> tree(world& w, std::size_t root, unsigned depth, [[maybe_unused]] presence here) {
    w.runs(root);
    const unsigned below = depth - 1;
    switch (w.random(9)) {
    case 0:
        co_await leaf_or_tree(w, root, below);
        w.runs(root);
        static_cast<void>(co_await unless_cancelled(leaf_or_tree(w, root, below)));
        break;
    case 1:
    case 2: {
        auto body = [&w, root, below](scope& s) -> task<> {
            for (unsigned n = w.random(3); n > 0; --n) s.spawn(leaf_or_tree(w, root, below));
            if (w.random(2) == 0) co_await leaf_or_tree(w, root, below);
            if (w.random(8) == 0) s.cancel_children();
            if (w.random(3) == 0) s.spawn(leaf_or_tree(w, root, below));
        };
        co_await with_scope(body);
        break;
    }
    case 3:
        co_await when_all(leaf_or_tree(w, root, below), leaf_or_tree(w, root, below));
        break;
    case 4:
        co_await when_any(leaf_or_tree(w, root, below), leaf_or_tree(w, root, below));
        break;
    case 5:
        co_await shield(leaf_or_tree(w, root, below));
        break;
    case 6: {
        try {
            co_await with_timeout(w.moment() - 1ms, leaf_or_tree(w, root, below));
        } catch (const timeout_error&) {
        }
        break;
    }
    default: {
        const std::size_t other = w.new_root();
        auto handle = spawn(leaf_or_tree(w, other, below));
        switch (w.random(4)) {
        case 0:
            w.is_asked_to_cancel(other);
            break; // drops it
        case 1:
            handle.detach();
            break;
        case 2:
            co_await end_of(w, handle, other, false);
            break;
        default:
            co_await end_of(w, handle, other, true);
            break;
        }
        break;
    }
    }
    w.runs(root);
}

struct owned_root {
    join_handle<> handle;
    std::size_t root;
    bool is_held = true;
};

task<> act(world& w, std::vector<owned_root>& roots) {
    switch (w.random(9)) {
    case 0:
    case 1:
        co_await sleep(w.moment());
        co_return;
    case 2:
        w.events[w.random(2)].set();
        co_return;
    case 3:
        co_await yield();
        co_return;
    default:
        break;
    }
    owned_root& one = roots[w.random(static_cast<unsigned>(roots.size()))];
    if (!one.is_held) co_return;
    switch (w.random(7)) {
    case 0:
    case 1:
        w.is_asked_to_cancel(one.root);
        one.handle.cancel();
        break;
    case 2:
        w.is_asked_to_cancel(one.root);
        one.handle = {};
        one.is_held = false;
        break;
    case 3:
        one.handle.detach();
        one.is_held = false;
        break;
    default: { // not for ever: it may be shielded, and wait for what only comes when the case ends
        try {
            co_await with_timeout(2ms, end_of(w, one.handle, one.root, w.random(2) == 0));
        } catch (const timeout_error&) {
        }
        break;
    }
    }
}

task<> run_case(world& w) {
    std::vector<owned_root> roots;
    for (unsigned n = 1 + w.random(3); n > 0; --n) {
        const std::size_t root = w.new_root();
        roots.push_back({spawn(leaf_or_tree(w, root, 1 + w.random(3))), root});
    }
    for (unsigned n = 1 + w.random(8); n > 0; --n) co_await act(w, roots);
    for (event& e : w.events) e.set();
    w.queue.close();
    for (owned_root& one : roots) {
        if (one.is_held) co_await end_of(w, one.handle, one.root, true);
    }
    for (int i = 0; i < 100 && w.alive > 0; ++i) co_await sleep(10ms);
    co_await yield();
}

/// What must hold when a case is over.
void check(world& w, std::int64_t blocks_before) {
    while (w.queue.try_receive()) ++w.received;
    w.expect(w.alive == 0, "tasks are left, or captures were not destroyed");
    w.expect(w.waits_begun == w.waits_completed + w.waits_cancelled,
             "a wait ended with both value and cancelled, or neither");
    w.expect(w.slots.available() == w.permits && w.held == 0, "permits were lost, or multiplied");
    w.expect(w.sent == w.received, "values were lost, or multiplied");
    for (const int ends : w.ends_of_error)
        w.expect(ends == 1, "an error vanished, or was reported twice");
    w.expect(support::listed(loop::current()).size() == 1, "the loop still lists tasks");
    w.expect(loop::current().pending_timers() == 0, "timers are left");
    w.expect(detail::pool_live_blocks() == blocks_before, "blocks of the pool are left");
}

} // namespace

TEST(cancellation, gives_each_wait_one_end_whatever_the_order) {
    const char* const given = std::getenv("CICADA_SEED");
    const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
    std::uint64_t seed = first;
    std::int64_t waits = 0;
    std::int64_t cancels = 0;
    std::string wrong;
    // Outlives the simulation: a case that fails may leave tasks behind.
    std::unique_ptr<world> current;
    while (waits < least_waits && wrong.empty() && !(given && seed > first)) {
        loop_options options;
        options.on_error = [&](const error_report& report) {
            try {
                std::rethrow_exception(report.error);
            } catch (const own_error& e) {
                ++current->ends_of_error[e.id];
            } catch (...) {
                current->expect(false, "an error was reported that no leaf had thrown");
            }
        };
        support::simulated sim(std::move(options));
        const auto cases = [&]() -> task<> {
            for (int i = given ? 1 : cases_of_a_simulation; i > 0 && wrong.empty(); --i, ++seed) {
                const auto blocks_before = detail::pool_live_blocks();
                current = std::make_unique<world>(seed);
                co_await run_case(*current);
                check(*current, blocks_before);
                waits += current->waits_begun;
                cancels += current->waits_cancelled;
                if (!current->wrong.empty())
                    wrong = current->wrong + ", with seed " + std::to_string(seed);
            }
        };
        try {
            sim.run(cases);
        } catch (const std::exception& e) {
            wrong = e.what() + (", with seed " + std::to_string(seed));
        }
    }
    EXPECT_EQ(wrong, "");
    if (!given) {
        EXPECT_GT(cancels, waits / 10) << "the cases are no longer about cancellation";
        EXPECT_LT(cancels, waits * 9 / 10);
    }
    RecordProperty("cases", std::to_string(seed - first));
    RecordProperty("waits", std::to_string(waits));
}
