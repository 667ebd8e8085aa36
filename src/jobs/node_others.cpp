// What other nodes have left, or share with this one.

#include <jobs/node.hpp>

#include <algorithm>

#include <cicada/loop/sleep.hpp>
#include <jobs/control.hpp>
#include <schedule/jitter.hpp>

namespace cicada::detail {

namespace {

constexpr duration after_outpaced = std::chrono::milliseconds(10);
constexpr duration for_each_before = std::chrono::milliseconds(50);
constexpr unsigned most_unknown = 2; // rounds in which a run is seen that nobody here knows

template <class T>
bool has(const std::vector<T>& all, const T& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool can_run(const std::vector<std::string>& kinds, const std::vector<std::string>& labels,
             const std::string& kind, const std::string& label) {
    return has(kinds, kind) && (label.empty() || has(labels, label));
}

/// Where a node stands among those that could have a job: the same on each of them.
duration place_of(node_id node, job_id job) {
    return jitter_of(static_cast<std::uint64_t>(node), duration(static_cast<std::int64_t>(job)),
                     duration::max());
}

} // namespace

/// After a write of which nobody knows whether it was done: what was begun by it is there.
task<> node::adopt() {
    const std::vector<std::uint64_t> claims = unknown_claims_;
    for (const std::uint64_t one : claims) {
        auto asked_for = link().read([by = me_.by, one](reading& in) {
            return in.runs({.state = run_state::running, .node = by, .claim = one});
        });
        std::vector<run_row> rows = co_await asked_for;
        const std::set<claimed> ended = ends_that_wait();
        for (run_row& row : rows) {
            if (is_known(row, ended)) continue;
            if (view::entry* const of = view_.find(row.job)) of->job.run_is(row);
            begin(std::move(row));
        }
    }
    unknown_claims_.clear();
}

/// D25: the first of what others have asked for. All nodes see it; one does it, and it is gone in
/// the same transaction. What is wrong with it is told, and it goes as well.
task<> node::do_what_is_asked() {
    const asked_row one = std::move(asked_.front());
    asked_.pop_front();
    std::exception_ptr wrong;
    bool is_done = false;
    try {
        auto done = link().write([one](writing& in) {
            const bool is_here = in.done(one.id);
            if (is_here) detail::carry_out(in, one);
            return is_here;
        });
        is_done = co_await done;
    } catch (const store_error&) {
        throw;
    } catch (const outpaced&) { // the job was changed meanwhile: it comes again
        look_at_ = std::min(look_at_, later(cicada::now(), after_outpaced));
    } catch (const std::exception&) {
        wrong = std::current_exception();
    }
    if (is_done) bell_->is_told = true; // so that the job is read again
    if (!wrong) co_return;
    auto gone = link().write([id = one.id](writing& in) { return in.done(id); });
    if (co_await gone) report("job '" + one.job + "'", wrong);
}

void node::requests(const std::vector<run_row>& rows) {
    for (const run_row& one : rows) {
        const auto here = attempts_.find(claim_of(one));
        if (here != attempts_.end()) ask_to_end(here->second, asked::by_request);
    }
}

/// D9: what runs in its name, and it does not know of.
void node::compare(const std::vector<run_row>& in_its_name, const std::set<claimed>& ended) {
    std::map<claimed, unsigned> before = std::exchange(strangers_, {});
    for (const run_row& one : in_its_name) {
        if (is_known(one, ended)) continue;
        const unsigned rounds = before[claim_of(one)] + 1;
        if (rounds < most_unknown) {
            strangers_[claim_of(one)] = rounds;
        } else {
            lost(one, ended);
        }
    }
}

/// Whoever ran it is gone. Unless it still runs here: then its end will say how.
void node::lost(const run_row& row, const std::set<claimed>& ended) {
    if (is_known(row, ended)) return;
    news_.push_back({.what = run_news::kind::lost, .row = std::make_shared<const run_row>(row)});
}

/// Of attempts that are over here: there may be very many, while the store is away.
std::set<node::claimed> node::ends_that_wait() const {
    std::set<claimed> ended;
    for (const run_news& one : news_) ended.insert(claim_of(*one.row));
    return ended;
}

bool node::is_known(const run_row& row, const std::set<claimed>& ended) const {
    return attempts_.contains(claim_of(row)) || ended.contains(claim_of(row));
}

bool node::is_mine(const std::string& kind, const std::string& label) const {
    return can_run(me_.kinds, me_.labels, kind, label);
}

/// D12: what no node can run waits, and that is told once.
void node::check_kind(const std::string& kind, const std::string& label, const std::string& job) {
    const bool is_served = is_mine(kind, label) ||
                           std::any_of(others_.begin(), others_.end(), [&](const node_row& one) {
                               return can_run(one.kinds, one.labels, kind, label);
                           });
    if (is_served || !reported_kinds_.insert(kind + '\n' + label).second) return;
    std::string what = "cicada: no worker handles the kind \"" + kind + '"';
    if (!label.empty()) what += " and has the label \"" + label + '"';
    what += job.empty() ? ": what was submitted waits" : ": the job \"" + job + "\" waits";
    report(job.empty() ? kind : job, std::make_exception_ptr(error(what)));
}

/// D3: who may have newer rules of time zones has it first.
bool node::is_left_to_others(const view::entry& of) const {
    return of.job.has_newer_zones() && !others_.empty();
}

duration node::place_of(job_id which) const { return detail::place_of(me_.by, which); }

/// Who stands before this node has the job first: no more than to save the others the race.
duration node::gives_way(const view::entry& of) const {
    return gives_way(of.job.id(), &of.job.definition().of);
}

/// Null: it has not been read, and whoever lives can run the same.
duration node::gives_way(job_id which, const cicada::job* of) const {
    const duration mine = place_of(which);
    const bool can = of && is_mine(of->kind, of->label);
    const auto is_before = [&](const node_row& one) {
        const bool it_can = of && can_run(one.kinds, one.labels, of->kind, of->label);
        return it_can != can ? it_can : detail::place_of(one.id, which) < mine;
    };
    return for_each_before * std::count_if(others_.begin(), others_.end(), is_before);
}

} // namespace cicada::detail
