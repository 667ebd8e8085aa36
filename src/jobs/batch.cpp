#include <jobs/batch.hpp>

#include <algorithm>

namespace cicada::detail {

batch::answer batch::carry_out(writing& in) const {
    answer made;
    std::vector<const step*> steps;
    steps.reserve(entries.size());
    for (const entry& one : entries) steps.push_back(&one.what);
    made.results = in.take_all(steps);
    if (claims) made.claimed = in.claim_last(*claims);
    return made;
}

bool batch::begins() const noexcept {
    return claims || std::any_of(entries.begin(), entries.end(),
                                 [](const entry& one) { return !one.what.begins.empty(); });
}

} // namespace cicada::detail
