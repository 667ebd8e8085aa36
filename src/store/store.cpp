#include <store/store.hpp>

namespace cicada::detail {

std::vector<asked_row> reading::asked(std::size_t) { return {}; }

bool writing::done(asked_id) { return false; }

claim_result writing::claim_last(const claim& by) {
    claim_result made{.runs = claim_runs(by)};
    made.next = is_full(by, made.runs) ? made.runs.back().of.run_at : next_ready(by);
    return made;
}

std::vector<step_result> writing::take_all(std::span<const step* const> all) {
    std::vector<step_result> results;
    results.reserve(all.size());
    for (const step* one : all) results.push_back(take(*one));
    return results;
}

store::~store() = default;

void store::back_up(const std::string&) {
    throw store_error(store_fault::failed, place(), "cannot be backed up",
                      "only a store that is a file can be");
}

std::vector<store_error> store::warnings() const { return {}; }

} // namespace cicada::detail
