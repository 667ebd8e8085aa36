/// Every way in which every, after and at may be called.
#include <cicada/cicada.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::every;
using cicada::task;

namespace {

const cicada::every_options named{.name = "named"};

struct counter {
    int n = 0;
    void add(int more) { n += more; }
};

void add(int& to, int more) { to += more; }

TEST(every_call, takes_recurrence_with_and_without_a_loop_and_options) {
    support::simulated sim;
    cicada::loop& home = sim->get();
    int ran = 0;
    const auto body = [&] { ++ran; };
    const cicada::interval period = 1h;
    const cicada::schedule daily = cicada::cron("@daily");
    cicada::every_options changeable = named;
    std::vector<cicada::periodic> all;
    all.push_back(every(1h, body));
    all.push_back(every(3600.0s, body));
    all.push_back(every(period, body));
    all.push_back(every(cicada::fixed_delay(1h), body));
    all.push_back(every(cicada::cron("@daily"), body));
    all.push_back(every(daily, body));
    all.push_back(every(cicada::any_of(daily, cicada::cron("0 12 * * *")), body));
    all.push_back(every(home, 1h, body));
    all.push_back(every(home, period, body));
    all.push_back(every(home, daily, body));
    EXPECT_EQ(all.back().name(), "");
    const std::size_t unnamed = all.size();
    all.push_back(every(1h, {.name = "named"}, body));
    all.push_back(every(period, named, body));
    all.push_back(every(period, changeable, body));
    all.push_back(every(cicada::cron("@daily"), {.name = "named"}, body));
    all.push_back(every(daily, named, body));
    all.push_back(every(home, 1h, {.name = "named"}, body));
    all.push_back(every(home, period, changeable, body));
    all.push_back(every(home, daily, {.name = "named"}, body));
    for (std::size_t i = unnamed; i < all.size(); ++i) EXPECT_EQ(all[i].name(), "named") << i;
    all.push_back(every(1h, {}, body));
    sim->advance(24h);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_GT(all[i].counters().ran, 0u) << i;
}

TEST(every_call, takes_any_function) {
    support::simulated sim;
    int a = 0, b = 0, c = 0, d = 0, e = 0;
    counter f, g;
    std::vector<cicada::periodic> all;
    all.push_back(every(1s, add, std::ref(a), 1));
    all.push_back(every(1s, {.name = "x"}, &add, std::ref(b), 1));
    all.push_back(every(1s, [&](auto by) { c += by; }, 1));
    all.push_back(every(
        1s, [&](cicada::tick t, std::unique_ptr<int>& by) { d += *by * (t.attempt == 1); },
        std::make_unique<int>(1)));
    all.push_back(every(1s, std::function<task<>()>([&]() -> task<> {
                            ++e;
                            co_return;
                        })));
    all.push_back(every(1s, &counter::add, &f, 1));
    all.push_back(every(1s, &counter::add, std::ref(g), 1));
    int blocked = 0;
    all.push_back(every(1s, cicada::blocking(add), std::ref(blocked), 1));
    sim->settle();
    EXPECT_THAT((std::vector{a, b, c, d, e, f.n, g.n, blocked}), testing::Each(testing::Ge(1)));
}

TEST(after_and_at_call, take_options_before_the_function) {
    support::simulated sim;
    cicada::loop& home = sim->get();
    const cicada::wall_time t = sim->wall_now() + 10s;
    int ran = 0;
    std::vector<cicada::periodic> all;
    all.push_back(cicada::after(10s, {.name = "named"}, add, std::ref(ran), 1));
    all.push_back(cicada::after(9.5s, named, add, std::ref(ran), 1));
    all.push_back(cicada::after(home, 10s, {.name = "named"}, add, std::ref(ran), 1));
    all.push_back(cicada::at(t, {.name = "named"}, add, std::ref(ran), 1));
    all.push_back(
        cicada::at(std::chrono::floor<std::chrono::seconds>(t), named, add, std::ref(ran), 1));
    all.push_back(cicada::at(home, t, {.name = "named"}, add, std::ref(ran), 1));
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].name(), "named") << i;
    all.push_back(cicada::after(10s, add, std::ref(ran), 1));
    all.push_back(cicada::after(home, 10s, add, std::ref(ran), 1));
    all.push_back(cicada::at(t, add, std::ref(ran), 1));
    all.push_back(cicada::at(home, t, add, std::ref(ran), 1));
    sim->advance(9s);
    EXPECT_EQ(ran, 0);
    sim->advance(1s);
    EXPECT_EQ(ran, 10);
    for (const auto& one : all) EXPECT_TRUE(one.has_ended());
}

TEST(after_and_at_call, name_who_failed) {
    support::simulated sim;
    cicada::after(1s, {.name = "greet"}, [] { throw std::runtime_error("no voice"); }).detach();
    cicada::at(sim->wall_now() + 2s, {.name = "part"}, [] {
        throw std::runtime_error("no");
    }).detach();
    sim->advance(2s);
    EXPECT_THAT(sim.errors, testing::ElementsAre("greet: no voice", "part: no"));
}

} // namespace
