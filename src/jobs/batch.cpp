#include <jobs/batch.hpp>

#include <algorithm>

namespace cicada::detail {

batch::answer batch::carry_out(writing& in) const {
    answer made;
    made.results.reserve(entries.size());
    for (const entry& one : entries) made.results.push_back(in.take(one.what));
    if (claims) {
        made.claimed = in.claim_runs(*claims);
        made.next_ready = in.next_ready(*claims);
    }
    return made;
}

bool batch::begins() const noexcept {
    return claims || std::any_of(entries.begin(), entries.end(),
                                 [](const entry& one) { return !one.what.begins.empty(); });
}

} // namespace cicada::detail
