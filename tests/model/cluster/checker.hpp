#pragma once

/// Decides whether a history keeps what DURABLE jobs promise. It knows nothing of the engine: what
/// should have been, it works out from the schedules.

#include <iosfwd>

#include <model/cluster/history.hpp>

namespace cluster_model {

struct violation {
    enum class rule {
        // G1: at most once
        decided_twice, // an instant has two decisions
        two_runs, // handlers saw an instant as two runs
        // G2: nothing is lost
        undecided, // an instant has no decision
        no_instant, // a decision, or a run, of what is no instant of the job
        miscounted, // a stretch says another number of instants than there are
        never_paused, // said to be paused, and was not
        ran_paused, // an instant of a pause has a run, which began in that pause
        left_open, // a run, or a job, has not ended
        // G3: one current attempt
        not_its_end, // a run has ended otherwise than the attempt that it names
        fence_went_back, // an attempt with a fence that is not above that of one before
        given_to_the_dead, // a run, to a node that was evicted
        // G4, G5
        late_takeover,
        two_at_once, // two attempts of a run, on two machines
        // and
        early, // before its instant
        again, // a second attempt of what is lost if its worker is
    };
    rule what;
    std::string text;
};

std::ostream& operator<<(std::ostream& out, const violation& one);

std::vector<violation> check(const history& all);

/// How many instants were decided, by which the checker shows that there was something to check.
struct checked {
    std::uint64_t instants = 0;
    std::uint64_t runs = 0;
    std::uint64_t takeovers = 0;
};
std::vector<violation> check(const history& all, checked& what);

} // namespace cluster_model
