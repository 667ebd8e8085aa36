#include <conformance/store/random_history.hpp>

#include <algorithm>
#include <deque>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include <support/rows_text.hpp>
#include <support/transaction.hpp>

namespace conformance_of_stores {

using namespace std::chrono_literals;

namespace {

/// The first line in which they differ: all of them would be too much to read.
testing::AssertionResult are_equal(const std::string& one, const std::string& other) {
    if (one == other) return testing::AssertionSuccess();
    std::istringstream these(one);
    std::istringstream those(other);
    std::string a;
    std::string b;
    while (a == b && (these || those)) {
        if (!std::getline(these, a)) a = "(nothing)";
        if (!std::getline(those, b)) b = "(nothing)";
    }
    return testing::AssertionFailure() << "first: " << a << "\nother: " << b << "\n";
}

// Of the nodes that have ended, those of the last half hour: who has been away for an hour at some
// time may be forgotten, and this clock goes back by minutes.
std::string nodes_of(reading& in) {
    std::string found;
    for (const node_row& row : in.nodes()) {
        if (!row.ended_at || in.now() - *row.ended_at < 30min) found += text(row);
    }
    return found;
}

} // namespace

void random_history::go(int transactions) {
    for (int i = 0; i < transactions; ++i) {
        move_clock();
        std::vector<planned> parts(1 + random_(3));
        for (planned& one : parts) one = plan();
        const auto expected = carry_out(*stores_[1], parts);
        const auto answers = carry_out(*stores_[0], parts);
        for (std::size_t k = 0; k < parts.size(); ++k) {
            ASSERT_TRUE(are_equal(answers[k], expected[k]))
                << "transaction " << i << ", part " << k;
        }
        if (one_in(3)) learn();
        if (!one_in(4)) continue;
        std::vector<job_id> jobs;
        for (const job_row& row : jobs_) jobs.push_back(row.id);
        const auto all = [&](store& of) {
            return support::read(of, [&](reading& in) { return all_of(in, jobs); });
        };
        ASSERT_TRUE(are_equal(all(*stores_[0]), all(*stores_[1]))) << "after transaction " << i;
    }
}

std::vector<std::string> random_history::carry_out(store& at, const std::vector<planned>& parts) {
    std::vector<std::string> answers(parts.size());
    std::deque<support::part_of<std::function<void(writing&)>>> made;
    std::vector<part*> in_order;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        in_order.push_back(&made.emplace_back([&, i](writing& in) {
            answers[i].clear(); // it may be asked again
            for (const operation& each : parts[i].operations) answers[i] += each(in) + "\n";
            if (parts[i].throws_in_the_end) throw std::runtime_error("undo");
        }));
    }
    at.write(in_order);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        answers[i] += made[i].error ? "threw" : "done";
        if (made[i].error) ++seen_["part that throws"];
    }
    return answers;
}

void random_history::learn() {
    stores_[0]->read([&](reading& in) {
        nodes_.clear();
        for (const node_row& row : in.nodes()) nodes_.push_back(row.id);
        jobs_ = in.jobs({});
        runs_ = in.runs({.most = 40});
        if (one_in(2)) {
            for (const job_row& row : jobs_)
                runs_.insert(runs_.end(), row.open.begin(), row.open.end());
        }
    });
}

std::string random_history::all_of(reading& in, const std::vector<job_id>& jobs) {
    std::string found = nodes_of(in) + text(in.jobs({})) + text(in.runs({.most = 100'000})) +
                        text(in.waking(wall_time::max(), 1000));
    for (const job_id id : jobs) {
        found += "\nof " + text(id) + text(in.stretches(id, wall_time::min(), wall_time::max())) +
                 text(in.edits(id)) + text(in.backfills(id));
    }
    return found;
}

// ---- what is asked for -------------------------------------------------------------------------

void random_history::move_clock() {
    switch (random_(20)) {
    case 0:
        now_ += std::chrono::minutes(random_(90));
        break;
    case 1:
        now_ -= std::chrono::seconds(random_(30));
        break;
    case 2:
    case 3:
    case 4:
        break;
    default:
        now_ += std::chrono::milliseconds(random_(4000));
    }
}

random_history::planned random_history::plan() {
    planned made;
    for (unsigned left = 1 + random_(4); left > 0; --left) {
        made.operations.push_back(any_operation());
    }
    made.throws_in_the_end = one_in(6);
    if (!made.throws_in_the_end && one_in(4)) made.operations.push_back(claim_the_last());
    return made;
}

random_history::operation random_history::any_operation() {
    switch (random_(16)) {
    case 0:
    case 1:
        return about_nodes();
    case 2:
        return make_job();
    case 3:
    case 4:
        return submit_run();
    case 5:
    case 6:
        return claim_some();
    case 7:
        return prune_some();
    case 8:
    case 9:
        return any_question();
    default:
        return take_steps();
    }
}

random_history::operation random_history::about_nodes() {
    const node_id who = any_node();
    const duration how_long = std::chrono::seconds(random_(100));
    switch (random_(8)) {
    case 0:
    case 1: {
        const node_row row{
            .name = name("node ", 9), .kinds = some("kind "), .labels = some("label ")};
        return [=](writing& in) { return "enter " + text(in.enter(row, how_long)); };
    }
    case 2:
        return [=](writing& in) {
            in.leave(who);
            return std::string("leave");
        };
    case 3:
    case 4:
        return [=](writing& in) { return "evict " + text(in.evict(how_long / 4)); };
    default:
        return [=](writing& in) { return "renew " + text(in.renew(who, how_long)); };
    }
}

random_history::operation random_history::make_job() {
    if (one_in(3)) {
        const std::string owner = name("owner ", 3);
        const std::uint64_t revision = random_(9);
        return [=](writing& in) {
            return "apply " + text(in.apply(owner, revision)) + " " + text(in.applied(owner));
        };
    }
    const new_job one{.name = name("job ", 12),
                      .owner = name("owner ", 3),
                      .definition = name("definition ", 100),
                      .zones = name("zones ", 3),
                      .at = {.decided = soon(), .wake_at = soon()}};
    return [=](writing& in) { return "create " + text(in.create(one)); };
}

random_history::operation random_history::take_steps() {
    std::vector<step> steps(one_in(3) ? random_(40) : 1);
    const bool are_ends = one_in(2);
    const node_id by = any_node();
    for (step& one : steps) {
        one = any_step();
        if (are_ends && !runs_.empty() && !one_in(20))
            one = {.by = one_in(20) ? any_node() : by, .changes = {any_change()}};
    }
    return [this, steps](writing& in) {
        std::vector<const step*> all;
        for (const step& one : steps) all.push_back(&one);
        std::string told = "take";
        for (const step_result& result : in.take_all(all)) {
            std::ostringstream word;
            PrintTo(result.is, &word);
            ++seen_[word.str()];
            told += " " + text(result);
        }
        return told;
    };
}

random_history::operation random_history::submit_run() {
    const run_row one = any_run(false);
    return [=](writing& in) { return "submit " + text(in.submit(one)); };
}

claim random_history::any_claim() {
    return {.by = any_node(),
            .id = (std::uint64_t{random_(1u << 31)} << 33) | ++number_,
            .kinds = some("kind "),
            .labels = some("label "),
            .most = random_(6)};
}

random_history::operation random_history::claim_the_last() {
    const claim by = any_claim();
    return [=](writing& in) {
        const claim_result made = in.claim_last(by);
        return "claim the last " + text(made.runs) + " then " + text(made.next);
    };
}

random_history::operation random_history::claim_some() {
    const claim by = any_claim();
    return [=](writing& in) {
        const std::string next = text(in.next_ready(by));
        return "claim " + text(in.claim_runs(by)) + " of " + next + " then " +
               text(in.next_ready(by));
    };
}

random_history::operation random_history::prune_some() {
    prune_request what;
    if (!one_in(3)) what.ended_before = now_ - std::chrono::seconds(random_(1000));
    if (!one_in(3)) what.kept_of_each = random_(8);
    what.most = 1 + random_(5);
    return [=](writing& in) {
        std::size_t gone = 0;
        std::optional<prune_place> from(std::in_place);
        while (from) {
            prune_request part = what;
            part.from = *from;
            const prune_result made = in.prune(part);
            gone += made.gone;
            from = made.goes_on;
        }
        return "prune " + text(gone);
    };
}

step random_history::any_step() {
    step one;
    if (!one_in(3)) one.by = any_node();
    if (one_in(6)) one.not_before = soon();
    if (!jobs_.empty() && !one_in(4)) {
        const job_row& of = any_of(jobs_);
        one.job = of.id;
        one.revision = of.revision + (one_in(8) ? 1 : 0);
        one.at = {.life = static_cast<life>(random_(6)),
                  .decided = soon(),
                  .wake_at = one_in(5) ? std::nullopt : std::optional(soon()),
                  .epoch = random_(3),
                  .progress = name("progress ", 1000),
                  .notes = name("notes ", 3)};
        if (one_in(6)) one.definition = name("definition ", 100);
        if (one_in(9)) one.owner = name("owner ", 3);
        if (one_in(9)) one.zones = name("zones ", 3);
        for (unsigned left = random_(3); left > 0; --left) {
            one.stretches.push_back(any_stretch(of.id));
        }
        if (one_in(6)) {
            one.backfill =
                backfill_row{.id = name("backfill ", 4),
                             .job = of.id,
                             .from = soon(),
                             .until = soon(),
                             .done_to = soon(),
                             .how = name("how ", 3),
                             .over_at = one_in(2) ? std::optional(soon()) : std::nullopt};
        }
    }
    for (unsigned left = random_(3); left > 0 && !runs_.empty(); --left) {
        const run_change made = any_change();
        const auto is_same = [&](const run_change& other) { return other.id == made.id; };
        if (std::none_of(one.changes.begin(), one.changes.end(), is_same))
            one.changes.push_back(made);
    }
    for (unsigned left = random_(3); left > 0; --left) {
        one.begins.push_back(any_run(one.by != node_id::none));
    }
    return one;
}

run_change random_history::any_change() {
    const run_row& row = any_of(runs_);
    run_change made{.id = row.of.id,
                    .was = is_open(row.of.state) ? row.of.state : run_state::running,
                    .fence = row.of.fence,
                    .claim = row.claim,
                    .attempt = random_(5),
                    .lost = random_(3),
                    .run_at = soon(),
                    .is_asked_to_end = one_in(3)};
    switch (random_(16)) {
    case 0:
        ++made.fence;
        break;
    case 1:
        ++made.claim;
        break;
    case 2:
        made.id = run_id{1 + random_(1000)};
        break;
    case 3:
        made.was = run_state::ready;
        break;
    default:
        break;
    }
    if (made.was == run_state::ready) {
        made.state = one_in(2) ? run_state::cancelled : run_state::ready;
    } else {
        made.state = static_cast<run_state>(random_(6));
    }
    if (one_in(2)) made.reason = name("reason ", 100);
    if (one_in(2)) made.log = name("log ", 100);
    if (one_in(2)) made.report = name("report ", 100);
    return made;
}

run_row random_history::any_run(bool may_be_running) {
    run_row row;
    row.of.kind = name("kind ", 4);
    row.of.origin = static_cast<run_origin>(random_(5));
    row.of.nominal = wall_time(std::chrono::ceil<std::chrono::seconds>(soon().time_since_epoch()));
    row.of.attempt = 1 + random_(3);
    row.of.lost = random_(3);
    row.of.run_at = soon();
    row.of.arguments = name("arguments ", 100);
    if (one_in(3)) row.of.key = name("key ", 20);
    row.epoch = random_(2);
    row.number = ++number_;
    row.missed = random_(10);
    if (one_in(3)) row.label = name("label ", 3);
    row.policy = name("policy ", 3);
    if (may_be_running && one_in(2)) {
        row.of.state = run_state::running;
        row.claim = ++number_;
    }
    return row;
}

// Their instants are all different, so that there is one at most that a stretch can follow.
stretch random_history::any_stretch(job_id of) {
    wall_time& end = ends_.try_emplace(of, now_).first->second;
    stretch one{.kind = one_in(4) ? decision::kind::excluded : decision::kind::missed,
                .epoch = one_in(5) ? 1u : 0u,
                .first = end + std::chrono::seconds(1),
                .count = 1 + random_(10),
                .is_at_least = one_in(6),
                .note = one_in(5) ? "note" : ""};
    if (one_in(6)) one.into = now_;
    if (one_in(9)) one.because_of = run_id{1};
    if (one_in(2)) one.follows = end;
    one.last = one.first + std::chrono::seconds(random_(5));
    end = one.last;
    return one;
}

random_history::operation random_history::any_question() {
    run_query runs;
    for (unsigned left = random_(4); left > 0 && one_in(2); --left) {
        runs.ids.push_back(run_id{1 + random_(200)});
    }
    if (one_in(3)) runs.job = jobs_.empty() || one_in(3) ? job_id::none : any_of(jobs_).id;
    if (one_in(4)) runs.kind = name("kind ", 4);
    if (runs.job && one_in(3)) runs.key = name("key ", 20);
    if (one_in(2)) runs.state = static_cast<run_state>(random_(6));
    if (one_in(4)) runs.node = any_node();
    if (one_in(8) && !runs_.empty()) runs.claim = any_of(runs_).claim;
    if (one_in(4)) runs.nominal_from = soon();
    if (one_in(4)) runs.nominal_until = soon();
    runs.is_orphaned = one_in(4);
    runs.is_asked_to_end = one_in(5);
    if (one_in(4)) runs.before = run_id{random_(200)};
    if (one_in(3)) runs.most = random_(10);
    job_query jobs;
    for (unsigned left = random_(4); left > 0 && one_in(2); --left) {
        jobs.ids.push_back(job_id{1 + random_(15)});
    }
    for (unsigned left = random_(4); left > 0 && one_in(2); --left) {
        jobs.names.push_back(name("job ", 14));
    }
    if (one_in(2)) jobs.owner = name("owner ", 3);
    if (one_in(2)) jobs.after = name("job ", 14);
    if (one_in(2)) jobs.most = random_(6);
    const wall_time from = soon();
    const wall_time until = soon();
    const std::size_t most = random_(6);
    return [=](writing& in) {
        std::string answer =
            text(in.runs(runs)) + text(in.jobs(jobs)) + text(in.waking(until, most));
        const job_search old = in.out_of_date(job_id{1}, from, "", most);
        answer += text(old.found) + text(old.goes_on_after) + text(in.stalled(most));
        for (const job_row& row : in.jobs({})) answer += text(in.stretches(row.id, from, until));
        return answer;
    };
}

// Around now: mostly such that the same instants come more than once.
wall_time random_history::soon() {
    return now_ + std::chrono::seconds(random_(20)) - std::chrono::seconds(12);
}

node_id random_history::any_node() {
    return nodes_.empty() || one_in(10) ? node_id{1 + random_(100)} : any_of(nodes_);
}

std::vector<std::string> random_history::some(const char* of) {
    std::vector<std::string> found;
    for (unsigned left = random_(4); left > 0; --left) found.push_back(name(of, 4));
    return found;
}

} // namespace conformance_of_stores
