#include <jobs/batch.hpp>

#include <algorithm>

namespace cicada::detail {

batch::answer batch::carry_out(writing& in) const {
    answer made;
    std::vector<const step*> steps;
    steps.reserve(entries.size());
    for (const entry& one : entries) steps.push_back(&one.what);
    made.results = in.take_all(steps);
    if (claims) {
        made.claimed = in.claim_runs(*claims);
        // All slots are taken: what may start next is looked for when one is free. It comes no
        // sooner than what has been claimed.
        const bool is_full = claims->most > 0 && made.claimed.size() == claims->most;
        made.next_ready = is_full ? made.claimed.back().of.run_at : in.next_ready(*claims);
    }
    return made;
}

bool batch::begins() const noexcept {
    return claims || std::any_of(entries.begin(), entries.end(),
                                 [](const entry& one) { return !one.what.begins.empty(); });
}

} // namespace cicada::detail
