#include <conformance/store/translated_store.hpp>

#include <deque>
#include <stdexcept>
#include <utility>

namespace conformance_of_stores {

namespace {

constexpr std::int64_t beyond = std::int64_t{1} << 60; // no store gets that far

template <class Id>
Id inner(const translated_numbers& by, Id id) {
    return static_cast<Id>(by.inward(static_cast<std::int64_t>(id)));
}

template <class Id>
Id outer(const translated_numbers& by, Id id) {
    return static_cast<Id>(by.outward(static_cast<std::int64_t>(id)));
}

/// It comes about.
template <class Id>
Id add(translated_numbers& to, Id id) {
    to.add(static_cast<std::int64_t>(id));
    return outer(to, id);
}

bool moves_the_fence(const run_change& one) noexcept {
    return one.was == run_state::running && one.state == run_state::ready;
}

bool are_same(job_id of, const run_row& a, const run_row& b) noexcept {
    const bool have_job = of != job_id::none;
    const bool are_instants = a.of.origin == run_origin::scheduled && b.of.origin == a.of.origin;
    if (have_job && are_instants && a.epoch == b.epoch && a.of.nominal == b.of.nominal) return true;
    return !a.of.key.empty() && a.of.key == b.of.key && (have_job || a.of.kind == b.of.kind);
}

} // namespace

void translated_numbers::add(std::int64_t inner) {
    inner_.push_back(inner);
    outer_.emplace(inner, static_cast<std::int64_t>(inner_.size()));
}

std::int64_t translated_numbers::inward(std::int64_t outer) const {
    if (outer <= 0) return outer;
    const auto place = static_cast<std::size_t>(outer) - 1;
    return place < inner_.size() ? inner_[place] : beyond + outer;
}

std::int64_t translated_numbers::outward(std::int64_t inner) const {
    if (inner <= 0) return inner;
    const auto found = outer_.find(inner);
    if (found == outer_.end())
        throw std::logic_error("number " + std::to_string(inner) + " came from nowhere");
    return found->second;
}

/// What can be asked of `In`: a reading, or a writing.
template <class In>
class translated_store::translated : public In {
public:
    translated(In& in, const numbers& by) : in_(in), by_(by) {}
    translated(const translated&) = delete;
    translated& operator=(const translated&) = delete;

    wall_time now() final { return in_.now(); }
    std::vector<node_row> nodes() final {
        std::vector<node_row> rows = in_.nodes();
        for (node_row& row : rows) row.id = outer(by_.nodes, row.id);
        return rows;
    }
    std::vector<job_wake> waking(wall_time until, std::size_t most) final {
        std::vector<job_wake> all = in_.waking(until, most);
        for (job_wake& one : all) one.id = outer(by_.jobs, one.id);
        return all;
    }
    std::vector<job_row> jobs(const job_query& which) final {
        job_query those = which;
        for (job_id& one : those.ids) one = inner(by_.jobs, one);
        std::vector<job_row> rows = in_.jobs(those);
        for (job_row& row : rows) {
            row.id = outer(by_.jobs, row.id);
            for (run_row& each : row.open) translate(each);
        }
        return rows;
    }
    job_search out_of_date(job_id after, wall_time latest, std::string_view zones,
                           std::size_t most) final {
        job_search made = in_.out_of_date(inner(by_.jobs, after), latest, zones, most);
        for (job_id& one : made.found) one = outer(by_.jobs, one);
        if (made.goes_on_after) made.goes_on_after = outer(by_.jobs, *made.goes_on_after);
        return made;
    }
    std::vector<job_id> stalled(std::size_t most) final {
        std::vector<job_id> all = in_.stalled(most);
        for (job_id& one : all) one = outer(by_.jobs, one);
        return all;
    }
    std::vector<run_row> runs(const run_query& which) final {
        run_query those = which;
        for (run_id& one : those.ids) one = inner(by_.runs, one);
        if (those.job) those.job = inner(by_.jobs, *those.job);
        if (those.node) those.node = inner(by_.nodes, *those.node);
        those.before = inner(by_.runs, those.before);
        std::vector<run_row> rows = in_.runs(those);
        for (run_row& row : rows) translate(row);
        return rows;
    }
    std::optional<wall_time> next_ready(const claim& by) final {
        return in_.next_ready(translate(by));
    }
    std::vector<stretch> stretches(job_id of, wall_time from, wall_time until) final {
        return in_.stretches(inner(by_.jobs, of), from, until);
    }
    std::vector<edit_row> edits(job_id of) final { return in_.edits(inner(by_.jobs, of)); }
    std::vector<backfill_row> backfills(job_id of) final {
        std::vector<backfill_row> rows = in_.backfills(inner(by_.jobs, of));
        for (backfill_row& row : rows) row.job = outer(by_.jobs, row.job);
        return rows;
    }
    std::optional<std::uint64_t> applied(std::string_view owner) final {
        return in_.applied(owner);
    }

protected:
    ~translated() = default;

    claim translate(claim by) const {
        by.by = inner(by_.nodes, by.by);
        return by;
    }
    void translate(run_row& row) const {
        row.of.id = outer(by_.runs, row.of.id);
        row.of.fence = outer(by_.fences, row.of.fence);
        row.job = outer(by_.jobs, row.job);
        row.node = outer(by_.nodes, row.node);
    }

    In& in_;

private:
    const numbers& by_;
};

class translated_store::questions final : public translated<reading> {
    using translated<reading>::translated;
};

class translated_store::transaction final : public translated<writing> {
public:
    transaction(writing& in, numbers& by) : translated<writing>(in, by), by_(by) {}

    node_id enter(const node_row& who, duration lease) override {
        return add(by_.nodes, in_.enter(who, lease));
    }
    bool renew(node_id who, duration lease) override {
        return in_.renew(inner(by_.nodes, who), lease);
    }
    void leave(node_id who) override { in_.leave(inner(by_.nodes, who)); }
    std::vector<node_id> evict(duration patience) override {
        std::vector<node_id> all = in_.evict(patience);
        for (node_id& one : all) one = outer(by_.nodes, one);
        return all;
    }
    std::optional<job_id> create(const new_job& one) override {
        const std::optional<job_id> made = in_.create(one);
        return made ? std::optional(add(by_.jobs, *made)) : std::nullopt;
    }
    step_result take(const step& one) override {
        const step* const only = &one;
        return take_all(std::span(&only, 1)).front();
    }
    std::vector<step_result> take_all(std::span<const step* const> all) override {
        std::vector<step> those;
        for (const step* const one : all) those.push_back(translate(*one));
        std::vector<const step*> pointers;
        for (const step& one : those) pointers.push_back(&one);
        std::vector<step_result> results = in_.take_all(pointers);
        const auto moved = fences_that_moved(those, results);
        for (std::size_t i = 0; i < results.size(); ++i) {
            results[i].is_there = outer(by_.runs, results[i].is_there);
            if (results[i].is == verdict::repeated && results[i].is_there == no_run)
                results[i].is_there = in_the_way(those[i]);
            if (results[i].is != verdict::taken) continue;
            for (const run_change& one : those[i].changes)
                if (moves_the_fence(one)) add(by_.fences, moved.at(one.id));
            for (run_row& row : results[i].begun) begun(row);
        }
        return results;
    }
    bool apply(std::string_view owner, std::uint64_t revision) override {
        return in_.apply(owner, revision);
    }
    step_result submit(const run_row& one) override {
        step_result made = in_.submit(one);
        made.is_there = outer(by_.runs, made.is_there);
        for (run_row& row : made.begun) begun(row);
        return made;
    }
    std::vector<run_row> claim_runs(const claim& by) override {
        std::vector<run_row> rows = in_.claim_runs(translate(by));
        for (run_row& row : rows) {
            add(by_.fences, row.of.fence);
            translate(row);
        }
        return rows;
    }
    prune_result prune(const prune_request& what) override { return in_.prune(what); }

private:
    using translated<writing>::translate;

    step translate(step one) const {
        one.by = inner(by_.nodes, one.by);
        one.job = inner(by_.jobs, one.job);
        for (run_change& each : one.changes) {
            each.id = inner(by_.runs, each.id);
            each.fence = inner(by_.fences, each.fence);
        }
        if (one.backfill) one.backfill->job = one.job;
        return one;
    }
    void begun(run_row& row) {
        add(by_.runs, row.of.id);
        add(by_.fences, row.of.fence);
        translate(row);
    }
    /// What has begun in the same step has gone with it, but it had a number.
    run_id in_the_way(const step& one) const {
        for (std::size_t i = 1; i < one.begins.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                if (are_same(one.job, one.begins[k], one.begins[i]))
                    return run_id{by_.runs.next() + static_cast<std::int64_t>(k)};
            }
        }
        return no_run;
    }
    /// Those of runs that are nobody's again no answer tells.
    std::map<run_id, std::uint64_t> fences_that_moved(const std::vector<step>& those,
                                                      const std::vector<step_result>& results) {
        run_query which;
        for (std::size_t i = 0; i < those.size(); ++i) {
            if (results[i].is != verdict::taken) continue;
            for (const run_change& one : those[i].changes)
                if (moves_the_fence(one)) which.ids.push_back(one.id);
        }
        std::map<run_id, std::uint64_t> moved;
        if (which.ids.empty()) return moved;
        for (const run_row& row : in_.runs(which)) moved[row.of.id] = row.of.fence;
        return moved;
    }

    numbers& by_;
};

/// A part of the inner store's transaction.
class translated_store::translated_part final : public part {
public:
    translated_part(part& of, numbers& by, const numbers* first)
        : of_(of), by_(by), first_(first) {}

    void run(writing& in) override {
        if (first_) by_ = *first_; // the transaction may have been begun before, and undone
        const numbers before = by_;
        try {
            transaction translated(in, by_);
            of_.run(translated);
        } catch (...) {
            by_ = before;
            throw;
        }
    }
    void tell_error() const { of_.error = error; }

private:
    part& of_;
    numbers& by_;
    const numbers* const first_; // of the first part: those before the transaction
};

void translated_store::write(std::span<part* const> parts) {
    const numbers before = numbers_;
    std::deque<translated_part> all;
    std::vector<part*> pointers;
    for (part* const one : parts)
        pointers.push_back(&all.emplace_back(*one, numbers_, all.empty() ? &before : nullptr));
    try {
        inner_.write(pointers);
    } catch (...) {
        numbers_ = before;
        throw;
    }
    for (const translated_part& one : all) one.tell_error();
}

void translated_store::read(const cicada::detail::function<void(reading&)>& ask) {
    inner_.read([&](reading& in) {
        questions those(in, numbers_);
        ask(those);
    });
}

} // namespace conformance_of_stores
