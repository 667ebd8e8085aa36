// The rules of the design that a worker keeps by itself: D3, D9, D14, D22.

#include <cicada/jobs/worker.hpp>

#include <gmock/gmock.h>

#include <support/diary.hpp>
#include <support/nodes.hpp>
#include <support/simulated.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using support::diary;
using support::nodes;
using support::simulated;
using testing::ElementsAre;
using testing::HasSubstr;

const wall_time start = parse_instant("2026-01-01T00:00:00Z");

TEST(worker_rules, d14_of_two_that_mend_a_job_one_does_and_tells) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = fixed_delay(10s), .kind = "work"});
    for (const char* name : {"a", "b"}) all.start(name, {.lease = 20s}, {{"work", d.writes()}});
    sim->advance(15s);
    all.write([](detail::writing& in) {
        detail::job_row row = in.jobs({}).at(0);
        row.at.wake_at.reset(); // what it goes by is there, and what the store does is not
        const auto made = in.take({.job = row.id, .revision = row.revision, .at = row.at});
        ASSERT_EQ(made.is, detail::verdict::taken);
    });
    sim->advance(20s);
    EXPECT_THAT(sim.errors, ElementsAre(HasSubstr("'tick': cicada: it was active, but")));
    sim->advance(60s);
    EXPECT_EQ(sim.errors.size(), 1u);
    EXPECT_EQ(d.done, 10); // the instant that was there is late, and not lost
}

} // namespace
