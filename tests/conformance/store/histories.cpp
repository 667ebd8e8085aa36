// Random histories of a store against those of one that is made of lists.

#include <cstdlib>
#include <iostream>

#include <conformance/store/any_store.hpp>
#include <conformance/store/naive_store.hpp>
#include <conformance/store/random_history.hpp>
#include <conformance/store/translated_store.hpp>

using namespace conformance_of_stores;

namespace {

/// CICADA_SEED: that one alone. Of a store that is a server, where each call is a trip, fewer.
std::vector<std::uint64_t> seeds(bool is_server) {
    if (const char* const given = std::getenv("CICADA_SEED")) {
        return {std::strtoull(given, nullptr, 10)};
    }
    if (is_server) return {1, 2};
    return {1, 2, 3, 4, 5, 6, 7, 8};
}

} // namespace

TEST_P(any_store, it_answers_as_lists_do) {
    std::map<std::string, int> seen;
    const std::vector<std::uint64_t> all = seeds(place().uses_up_numbers());
    for (const std::uint64_t seed : all) {
        SCOPED_TRACE("CICADA_SEED=" + std::to_string(seed));
        const auto where = GetParam().make();
        const auto one = where->open([this] { return now; });
        translated_store translated(*one);
        detail::store& answers = where->uses_up_numbers() ? translated : *one;
        naive_store lists([this] { return now; });
        random_history history(seed, now, {&answers, &lists});
        history.go(250);
        if (HasFatalFailure()) return;
        for (const auto& [what, count] : history.seen()) seen[what] += count;
    }
    if (std::getenv("CICADA_SEED")) return;
    for (const char* const what :
         {"taken", "too_early", "not_live", "stale", "refused", "repeated", "part that throws"}) {
        EXPECT_GT(seen[what], 50 * static_cast<int>(all.size()) / 8)
            << what << " hardly came about: the test shows little";
    }
}
