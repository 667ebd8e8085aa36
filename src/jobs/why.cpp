#include <jobs/why.hpp>

#include <algorithm>
#include <utility>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/policy_text.hpp>

#include <jobs/decider.hpp>

namespace cicada::detail {

namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }
std::string number_of(const run_row& run) {
    return "run " + std::to_string(static_cast<std::int64_t>(run.of.id));
}

decision::kind kind_of(run_state state) noexcept {
    switch (state) {
    case run_state::failed:
        return decision::kind::failed;
    case run_state::cancelled:
        return decision::kind::cancelled;
    case run_state::lost:
        return decision::kind::lost;
    default:
        return decision::kind::ran;
    }
}

// ---- runs, in words ----------------------------------------------------------------------------

/// `as run 17 on "worker-1", from 2026-11-02T06:00:00Z to 2026-11-02T06:00:12Z, in 2 attempts`
std::string circumstances(const run_row& run) {
    const run_record& of = run.of;
    std::string text = "as " + number_of(run);
    if (of.origin != run_origin::scheduled)
        text.append(" (").append(to_string(of.origin)).append(")");
    if (!of.node.empty()) text += " on " + quoted(of.node);
    if (of.started_at) text += ", from " + format_instant(run.began_at);
    if (of.ended_at) text += (of.started_at ? " to " : ", at ") + format_instant(*of.ended_at);
    if (of.attempt > 1) text += ", in " + std::to_string(of.attempt) + " attempts";
    if (of.lost > 0) text += ", after " + std::to_string(of.lost) + " that were lost with workers";
    return text;
}

std::string with_reason(std::string text, const run_row& run) {
    if (!run.of.reason.empty()) text += ": " + run.of.reason;
    return text;
}

std::string waits_for_worker(const run_row& run, wall_time now) {
    const run_record& of = run.of;
    std::string text = "is ready, as " + number_of(run);
    if (of.run_at > now) text += ", and comes at " + format_instant(of.run_at);
    if (of.attempt > 1 && !was_lost(run)) {
        text += " as attempt " + std::to_string(of.attempt) + ", for the last one has failed";
        return with_reason(std::move(text), run);
    }
    if (of.lost > 0) return text + ", for its worker was lost";
    text += ", and waits for a worker with a handler for " + quoted(of.kind);
    if (!run.label.empty()) text += " and the label " + quoted(run.label);
    return text;
}

std::string words_of(const run_row& run, wall_time now) {
    switch (run.of.state) {
    case run_state::ready:
        return waits_for_worker(run, now);
    case run_state::running:
        return "runs " + circumstances(run) +
               (run.of.is_asked_to_end ? ", and has been asked to end" : "");
    case run_state::ok:
        return "ran " + circumstances(run);
    case run_state::failed:
        return with_reason("failed " + circumstances(run), run);
    case run_state::cancelled:
        return "was cancelled " + circumstances(run);
    case run_state::lost:
        return with_reason("was lost " + circumstances(run), run);
    }
    return {};
}

// ---- stretches, in words -----------------------------------------------------------------------

class stretch_words {
public:
    stretch_words(const stretch& of, const why_facts& facts) : of_(of), facts_(facts) {}

    std::string text() const { return fate() + extent(); }
    /// The run in the way, if it is known.
    const run_row* in_the_way() const {
        return find([&](const run_row& r) { return r.of.id == of_.because_of; });
    }

private:
    std::string fate() const {
        switch (of_.kind) {
        case decision::kind::skipped_overlap:
            return "was skipped, for " + that_was_in_the_way() + " had not ended";
        case decision::kind::coalesced_into:
            return "was missed, and " + that_stands_for_it() + " stands for it";
        case decision::kind::missed:
            return "was missed, longer ago than is caught up, or with too many others";
        case decision::kind::too_late:
            return "was dropped, for it could not start within its start_deadline";
        case decision::kind::excluded:
            return "is taken away by an exception to the schedule";
        case decision::kind::paused:
            return "came during a pause" + (of_.note.empty() ? "" : " (" + of_.note + ')');
        case decision::kind::cancelled:
            return "waited, and was cancelled";
        case decision::kind::restored:
            return "passed before the store was restored from a backup, and did not run again";
        default:
            return std::string(reason(of_.kind));
        }
    }
    std::string that_was_in_the_way() const {
        const run_row* const run = in_the_way();
        return run ? number_of(*run) + ", of " + format_instant(run->of.nominal) + ','
                   : "an earlier run";
    }
    std::string that_stands_for_it() const {
        const std::string text = "the run of " + format_instant(of_.into.value_or(of_.last));
        const run_row* const run = find(
            [&](const run_row& r) { return r.of.nominal == of_.into && r.epoch == of_.epoch; });
        return run ? text + ", " + number_of(*run) + ',' : text;
    }
    std::string extent() const {
        if (of_.count <= 1) return {};
        return " (like all " + std::string(of_.is_at_least ? "of more than " : "") +
               std::to_string(of_.count) + " instants from " + format_instant(of_.first) + " to " +
               format_instant(of_.last) + ')';
    }
    template <class Is>
    const run_row* find(Is is) const {
        const auto one = std::find_if(facts_.others.begin(), facts_.others.end(), is);
        return one == facts_.others.end() ? nullptr : &*one;
    }

    const stretch& of_;
    const why_facts& facts_;
};

// ---- the schedule then -------------------------------------------------------------------------

/// Whether rules name an instant. None: nobody can say, of a fixed delay.
enum class named : std::uint8_t { yes, no, as_an_exception, unknown };

named names(const rules& by, wall_time instant) {
    if (!by.when.is_calendar()) return named::unknown;
    if ((by.from && instant < *by.from) || (by.until && instant >= *by.until)) return named::no;
    if (by.when.as_calendar().matches(instant)) return named::yes;
    const auto one = by.when.as_calendar().next_candidate(later(instant, duration(-1)));
    return one && one->instant == instant ? named::as_an_exception : named::no;
}

class explainer {
public:
    explainer(const why_facts& of, const std::string& place)
        : of_(of), place_(place), job_(of.job, place),
          lead_(quoted(of.job.name) + " of " + format_instant(of.instant) + ' ') {}

    reason_why explain() const {
        const rules* then = nullptr;
        std::optional<rules> in_force = rules_then();
        if (in_force) then = &*in_force;
        const named is = then ? names(*then, of_.instant) : named::no;
        const std::vector<stretch> told = that_tell(then);
        if (!of_.runs.empty() || !told.empty()) return recorded(told);
        if (is_waiting()) {
            return said(reason_why::answer::waits,
                        "waits for a run before it to end, by the overlap policy " +
                            cicada::to_text(job_.definition().of.overlap));
        }
        if (!then && of_.instant < of_.job.kept_from && of_.instant >= of_.job.created_at)
            return not_kept(); // and neither is the schedule of then
        if (is == named::unknown) return of_a_delay();
        if (!then && names(rules_of(job_.definition()), of_.instant) != named::no)
            return said(reason_why::answer::before_the_job,
                        "was before the job, which was made at " +
                            format_instant(of_.job.created_at));
        if (is == named::no && is_named_now())
            return said(reason_why::answer::before_the_job,
                        "was not in its schedule then, which was " + then->when.text());
        if (is == named::no) return not_due(then);
        return undecided(is);
    }

private:
    reason_why said(reason_why::answer what, const std::string& text) const {
        return {.what = what, .text = lead_ + text};
    }

    /// By the definition that counted then. None: there was none yet.
    std::optional<rules> rules_then() const {
        const edit_row* then = nullptr;
        for (const edit_row& one : of_.edits) {
            if (one.since < of_.instant) then = &one;
        }
        if (!then) return std::nullopt;
        return rules_by(*then);
    }
    rules rules_by(const edit_row& one) const {
        return rules_of(parse_job(one.definition, of_.job.name, place_));
    }
    bool is_named_now() const {
        return names(rules_of(job_.definition()), of_.instant) == named::yes;
    }

    /// By epoch. A stretch covers all from its first instant to its last, and not all of that are
    /// instants, nor of its kind.
    std::vector<stretch> that_tell(const rules* then) const {
        std::vector<stretch> told;
        for (const stretch& one : of_.stretches) {
            if (one.kind == decision::kind::clock_went_back || one.first > of_.instant ||
                one.last < of_.instant)
                continue;
            const bool is_end = one.first == of_.instant || one.last == of_.instant;
            const bool is_exception = one.kind == decision::kind::excluded;
            const named is = named_in(one, then);
            if (is_end || (is == named::as_an_exception ? is_exception : is == named::yes))
                told.push_back(one);
        }
        std::sort(told.begin(), told.end(), [](const stretch& a, const stretch& b) {
            return std::pair(a.epoch, a.first) < std::pair(b.epoch, b.first);
        });
        return told;
    }

    /// By the rules that this stretch was decided by: those that counted then. Once the clock was
    /// set back nobody knows which these are: the newest that name its ends.
    named named_in(const stretch& one, const rules* then) const {
        if (one.epoch == 0) return then ? names(*then, of_.instant) : named::no;
        for (auto edit = of_.edits.rbegin(); edit != of_.edits.rend(); ++edit) {
            const rules by = rules_by(*edit);
            if (names(by, one.first) != named::no && names(by, one.last) != named::no)
                return names(by, of_.instant);
        }
        return named::no;
    }

    /// What the store has about it: the last word is that of the last epoch.
    reason_why recorded(const std::vector<stretch>& told) const {
        reason_why why;
        why.what = reason_why::answer::decided;
        std::string text;
        const auto add = [&](const std::string& words) {
            text.append(text.empty() ? "" : "; then it ").append(words);
        };
        const std::uint32_t last_run = of_.runs.empty() ? 0 : of_.runs.back().epoch;
        const bool is_stretch_last =
            !told.empty() && (of_.runs.empty() || told.back().epoch > last_run);
        for (const run_row& run : of_.runs) {
            if (is_stretch_last) add(words_of(run, of_.now));
            why.runs.push_back(run.of);
        }
        for (const stretch& one : told) {
            const stretch_words words(one, of_);
            add(words.text());
            if (of_.runs.empty() && words.in_the_way()) why.runs.push_back(words.in_the_way()->of);
            why.decision = decision{.what = one.kind,
                                    .nominal = one.first,
                                    .count = one.count,
                                    .last = one.last,
                                    .is_at_least = one.is_at_least,
                                    .into = one.into};
        }
        if (!is_stretch_last) {
            for (const run_row& run : of_.runs) add(words_of(run, of_.now));
            tell_run(of_.runs.back(), why);
        }
        why.text = lead_ + text;
        return why;
    }
    static void tell_run(const run_row& run, reason_why& why) {
        why.decision.reset();
        if (is_open(run.of.state)) {
            why.what = reason_why::answer::open;
            return;
        }
        const wall_time ended_at = run.of.ended_at.value_or(run.began_at);
        why.decision = decision{.what = kind_of(run.of.state),
                                .nominal = run.of.nominal,
                                .last = run.of.nominal,
                                .started_at = run.began_at,
                                .ended_at = ended_at,
                                .attempts = run.of.attempt};
    }

    bool is_waiting() const {
        const auto is_it = [&](const progress::arrival& one) {
            return wall_time(one.nominal.at) == of_.instant;
        };
        const progress& at = job_.course().at();
        return std::any_of(at.waiting.begin(), at.waiting.end(), is_it) ||
               std::any_of(at.arrived.begin(), at.arrived.end(), is_it);
    }

    reason_why not_kept() const {
        return said(reason_why::answer::not_kept, "was longer ago than history is kept");
    }
    /// Nothing is recorded of an instant that was due.
    reason_why undecided(named is) const {
        const bool is_over = job_.course().state() > life::paused;
        if (of_.instant < of_.job.kept_from || of_.instant <= of_.job.at.decided) return not_kept();
        if (job_.notes().is_removed)
            return said(reason_why::answer::not_due, "does not come: the job was removed");
        if (is_over) return said(reason_why::answer::not_due, "does not come: the job has ended");
        if (is == named::as_an_exception)
            return said(reason_why::answer::to_come,
                        "will not run: an exception to the schedule takes it away");
        std::string text = of_.instant > of_.now ? "is to come" : "is due, and not decided yet";
        if (job_.course().is_paused()) text += paused();
        return said(reason_why::answer::to_come, text);
    }
    std::string paused() const {
        const job_notes& notes = job_.notes();
        std::string text = "; the job is paused";
        if (!notes.paused_by.empty()) text += " by " + quoted(notes.paused_by);
        if (!notes.pause_note.empty()) text += " (" + notes.pause_note + ')';
        if (notes.paused_until) text += " until " + format_instant(*notes.paused_until);
        return text;
    }

    reason_why of_a_delay() const {
        const auto next = job_.course().next();
        if (next && wall_time(next->at) == of_.instant)
            return said(reason_why::answer::to_come, "is to come");
        return said(reason_why::answer::not_due,
                    "is no instant of it: those of a fixed delay come as its runs end");
    }
    reason_why not_due(const rules* then) const {
        const rules by = then ? *then : rules_of(job_.definition());
        if (by.until && of_.instant >= *by.until) {
            return said(reason_why::answer::not_due,
                        "is past the end of its schedule, " + format_instant(*by.until));
        }
        std::string text = "is no instant of its schedule, " + by.when.text();
        if (by.when.is_calendar()) {
            const auto next = by.when.as_calendar().next(of_.instant);
            if (next && (!by.until || *next < *by.until))
                text += "; the next after it is " + format_instant(*next);
        }
        return said(reason_why::answer::not_due, text);
    }

    const why_facts& of_;
    const std::string& place_;
    decider job_;
    std::string lead_;
};

} // namespace

reason_why explain(const why_facts& of, const std::string& place) {
    return explainer(of, place).explain();
}

reason_why why(reading& in, const job_row& job, wall_time instant, const std::string& place) {
    const wall_time after = later(instant, duration(1));
    why_facts of{.job = job, .instant = instant, .now = in.now(), .edits = in.edits(job.id)};
    const auto runs_of = [&](wall_time nominal) {
        auto found = in.runs(
            {.job = job.id, .nominal_from = nominal, .nominal_until = later(nominal, duration(1))});
        std::reverse(found.begin(), found.end());
        return found;
    };
    of.runs = runs_of(instant);
    of.stretches = in.stretches(job.id, instant, after);
    for (const stretch& one : of.stretches) {
        auto more = one.because_of != no_run ? in.runs({.ids = {one.because_of}})
                    : one.into               ? runs_of(*one.into)
                                             : std::vector<run_row>();
        std::move(more.begin(), more.end(), std::back_inserter(of.others));
    }
    return explain(of, place);
}

} // namespace cicada::detail
