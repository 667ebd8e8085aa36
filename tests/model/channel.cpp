// Random senders and receivers at one channel, which wait with and without limits, beside other
// waits, and are cancelled: each value that was sent is received once, and what stayed is in the
// channel, in the order of its sender.
//
// A case is one seed. To repeat one alone: CICADA_SEED=<seed> model_tests --gtest_filter=channel.*

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <cicada/cicada.hpp>
#include <support/random.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

constexpr int cases = 400;

struct message {
    int sender;
    int number;
};

struct world {
    explicit world(std::uint64_t seed) : random(seed), values(random(4)) {}

    support::random_numbers random;
    channel<message> values;
    event stop;
    std::vector<int> sent; // by each sender: so many
    std::map<std::pair<int, int>, int> received; // how often each
    bool is_ordered = false; // one receiver alone gets the values in the order of their sender
    std::map<int, int> newest; // of each sender
    int turns = 0;

    /// Few different ones, so that much falls together.
    duration moment() { return 1ms * random(4); }
    void take(const std::optional<message>& m) {
        if (!m) return;
        ++received[{m->sender, m->number}];
        if (!is_ordered) return;
        const auto [last, is_first] = newest.try_emplace(m->sender, m->number);
        EXPECT_TRUE(is_first || last->second < m->number);
        last->second = m->number;
    }
};

task<> send(world& w, int self) {
    for (int i = 0; i < 30; ++i) {
        if (w.random(3) == 0) co_await sleep(w.moment());
        if (w.random(2) == 0) {
            if (!w.values.try_send({self, i})) co_await w.values.send({self, i});
        } else {
            co_await w.values.send({self, i});
        }
        ++w.sent[static_cast<std::size_t>(self)];
    }
}

task<> receive(world& w) {
    for (;;) {
        ++w.turns;
        switch (w.random(5)) {
        case 0:
            w.take(co_await w.values.receive());
            break;
        case 1:
            try {
                w.take(co_await with_timeout(w.moment(), w.values.receive()));
            } catch (const timeout_error&) {
            }
            break;
        case 2: {
            auto got = co_await when_any(w.values.receive(), sleep(w.moment()));
            if (got.index() == 0) w.take(std::get<0>(got));
            break;
        }
        case 3: {
            auto got = co_await when_any(w.values.receive(), w.values.receive(), w.stop.wait());
            if (got.index() == 0) w.take(std::get<0>(got));
            if (got.index() == 1) w.take(std::get<1>(got));
            break;
        }
        case 4: {
            std::vector<channel<message>::receiver> several;
            for (unsigned i = 1 + w.random(3); i > 0; --i) several.push_back(w.values.receive());
            auto got = co_await when_any(std::move(several));
            w.take(got.value);
            break;
        }
        }
        if (w.random(4) == 0) co_await sleep(w.moment());
    }
}

/// Lets things fall together that a loop of its own would not.
task<> disturb(world& w, std::vector<join_handle<>>& receivers) {
    for (int i = 0; i < 40; ++i) {
        co_await sleep(w.moment());
        auto& one = receivers[w.random(static_cast<unsigned>(receivers.size()))];
        switch (w.random(3)) {
        case 0:
            w.stop.set();
            if (w.random(2) == 0 && !w.is_ordered) w.take(w.values.try_receive());
            break;
        case 1:
            w.stop.reset();
            break;
        case 2:
            if (w.is_ordered) break;
            one.cancel();
            one = spawn(receive(w));
            break;
        }
    }
    w.stop.reset();
}

void run_case(std::uint64_t seed) {
    SCOPED_TRACE("CICADA_SEED=" + std::to_string(seed));
    world w(seed);
    support::simulated sim;
    sim.run([&]() -> task<> {
        std::vector<join_handle<>> senders;
        std::vector<join_handle<>> receivers;
        w.sent.resize(1 + w.random(3));
        for (unsigned i = 1 + w.random(3); i > 0; --i) receivers.push_back(spawn(receive(w)));
        w.is_ordered = receivers.size() == 1;
        for (int i = 0; i < static_cast<int>(w.sent.size()); ++i)
            senders.push_back(spawn(send(w, i)));
        co_await disturb(w, receivers);
        for (const auto& s : senders) co_await s;
        for (const auto& r : receivers) co_await r.cancel();
        std::map<int, int> last;
        while (auto m = w.values.try_receive()) {
            EXPECT_TRUE(!last.contains(m->sender) || last[m->sender] < m->number);
            last[m->sender] = m->number;
            w.take(m);
        }
    });
    for (std::size_t s = 0; s < w.sent.size(); ++s) {
        for (int n = 0; n < w.sent[s]; ++n) {
            EXPECT_EQ((w.received[{static_cast<int>(s), n}]), 1)
                << "of sender " << s << ", number " << n;
        }
    }
}

TEST(channel, loses_and_doubles_no_value_whatever_happens_to_its_receivers) {
    const char* const given = std::getenv("CICADA_SEED");
    if (given) return run_case(std::strtoull(given, nullptr, 10));
    for (std::uint64_t seed = 1; seed <= cases && !HasFailure(); ++seed) run_case(seed);
}

} // namespace
