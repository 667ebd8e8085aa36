#include <jobs/decider.hpp>

#include <gmock/gmock.h>

#include <support/kept_job.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::kept_job;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const wall_time noon = parse_instant("2026-11-26T12:00:00Z");

job plain(recurrence when) {
    return {.name = "poll", .when = std::move(when), .kind = "poll_feed"};
}

/// One node, to which all happens at once.
class lone_node {
public:
    explicit lone_node(job of, wall_time at = noon) : now(at), kept(of, at) { restart(); }

    /// All that comes up to `until`: runs are claimed, but end by end() alone.
    void run_until(wall_time until) {
        for (;;) {
            const std::optional<wall_time> wake = decides->wake_at();
            if (!wake || *wake > until) break;
            now = std::max(now, *wake);
            decides->due(now);
            ASSERT_TRUE(decides->has_step()) << "it spins at " << format_instant(now);
            write();
        }
        now = until;
        claim_all();
    }
    void write() {
        if (decides->has_step()) decides->taken(kept.take(decides->take_step(node_id{1}), now));
    }
    void claim_all() {
        for (run_row& one : kept.row.open) {
            if (one.of.state == run_state::ready && one.of.run_at <= now)
                decides->run_is(kept.claim(one.of.id, now));
        }
    }
    void end(run_end how = run_end::ok, std::string reason = {}) {
        claim_all();
        ASSERT_FALSE(kept.row.open.empty());
        ASSERT_TRUE(decides->run_ended(kept.row.open.front().of.id,
                                       {.how = how, .reason = std::move(reason)}, now));
        write();
    }
    void lose() {
        claim_all();
        ASSERT_TRUE(decides->run_lost(kept.row.open.front().of.id, now));
        write();
    }
    void restart() { decides.emplace(kept.row); }

    const run_row& open() const { return kept.row.open.at(0); }
    std::vector<run_state> ended() const {
        std::vector<run_state> all;
        for (const run_row& one : kept.ended) all.push_back(one.of.state);
        return all;
    }

    wall_time now;
    kept_job kept;
    std::optional<decider> decides;
};

TEST(decider, begins_an_interval_as_it_is_applied_and_goes_on_on_its_grid) {
    lone_node n(plain(interval(10min)));
    n.run_until(noon + 1min);
    EXPECT_EQ(n.open().of.nominal, noon);
    EXPECT_EQ(n.open().of.key, "poll@2026-11-26T12:00:00Z");
    n.end();
    n.restart();
    n.run_until(noon + 25min);
    n.end();
    n.run_until(noon + 30min);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 10min, noon + 30min));
    ASSERT_THAT(n.kept.stretches, SizeIs(1)); // 12:20, as 12:10 still ran
    EXPECT_EQ(n.kept.stretches[0].kind, decision::kind::skipped_overlap);
    EXPECT_EQ(n.kept.stretches[0].because_of, run_id{2});
}

} // namespace
