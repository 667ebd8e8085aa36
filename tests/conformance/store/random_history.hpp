#pragma once

/// The same random history for two stores, which must give the same answers.
/// Ids and fences are compared as they are: what is undone must use up none. (A store that does not
/// promise that is translated before: translated_store.hpp.)
///
///     wall_time now = ...;                 // the clock of both
///     random_history(seed, now, {&one, &other}).go(250);
///
/// What is asked for is made of what was seen of the first one, sometimes long ago, so that all
/// verdicts come about.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <store/store.hpp>
#include <support/random.hpp>

namespace conformance_of_stores {

using namespace cicada;
using namespace cicada::detail;

class random_history {
public:
    random_history(std::uint64_t seed, wall_time& now, std::array<store*, 2> stores)
        : random_(seed), now_(now), stores_(stores) {}

    /// Until the first difference, which is a failure of the test.
    void go(int transactions);
    /// How often each came about, in both, to see that a history has all of it.
    const std::map<std::string, int>& seen() const noexcept { return seen_; }

private:
    /// Gives its answer, as text.
    using operation = std::function<std::string(writing&)>;
    struct planned { // a part
        std::vector<operation> operations;
        bool throws_in_the_end = false;
    };

    bool one_in(unsigned n) { return random_(n) == 0; }
    template <class T>
    const T& any_of(const std::vector<T>& all) {
        return all[random_(static_cast<unsigned>(all.size()))];
    }
    std::string name(const char* of, unsigned count) { return of + std::to_string(random_(count)); }
    wall_time soon();
    node_id any_node();
    std::vector<std::string> some(const char* of);

    void move_clock();
    planned plan();
    operation any_operation();
    operation about_nodes();
    operation make_job();
    operation take_steps();
    operation submit_run();
    operation claim_some();
    operation claim_the_last();
    claim any_claim();
    operation prune_some();
    step any_step();
    run_change any_change();
    run_row any_run(bool may_be_running);
    stretch any_stretch(job_id of);
    operation any_question();

    std::vector<std::string> carry_out(store& at, const std::vector<planned>& parts);
    void learn();
    static std::string all_of(reading& in, const std::vector<job_id>& jobs);

    support::random_numbers random_;
    wall_time& now_;
    std::array<store*, 2> stores_;
    std::map<std::string, int> seen_;
    // As seen some time ago:
    std::vector<node_id> nodes_;
    std::vector<job_row> jobs_;
    std::vector<run_row> runs_;
    std::map<job_id, wall_time> ends_; // of the last stretch
    std::uint64_t number_ = 0;
};

} // namespace conformance_of_stores
