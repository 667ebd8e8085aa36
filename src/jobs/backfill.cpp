#include <jobs/backfill.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <nlohmann/json.hpp>

#include <cicada/schedule/duration_text.hpp>
#include <jobs/checks.hpp>
#include <jobs/request.hpp>

namespace cicada::detail {

namespace {

constexpr std::array<std::string_view, 3> words{"none", "failed", "all"}; // by reprocess
constexpr std::size_t most_at_once = 100; // instants in a transaction
constexpr duration undecided_poll = std::chrono::seconds(1);

/// The calendar by which its instants are found. None: it has no instants of the past.
std::optional<schedule> calendar_of(const stored_job& job) {
    recurrence when = rules_of(job).when;
    return when.is_calendar() ? std::optional(when.as_calendar()) : std::nullopt;
}

std::map<wall_time, std::vector<run_state>> states_of(reading& in, job_id job, wall_time first,
                                                      wall_time last) {
    run_query which{.job = job, .nominal_from = first, .nominal_until = last + duration(1)};
    std::map<wall_time, std::vector<run_state>> states;
    for (bool is_last = false; !is_last;) {
        const std::vector<run_row> page = in.runs(which);
        is_last = page.size() < which.most;
        for (const run_row& run : page) states[run.of.nominal].push_back(run.of.state);
        if (!is_last) which.before = page.back().of.id;
    }
    for (auto& [nominal, of_one] : states) std::reverse(of_one.begin(), of_one.end());
    return states;
}

/// One round: moves `row`, perhaps lets the job start an instant, and says when to go on.
std::optional<wall_time> advance(reading& in, decider& job, backfill_row& row, wall_time now) {
    const std::optional<schedule> calendar = calendar_of(job.definition());
    if (!calendar || !has_instants(job)) {
        row.over_at = now;
        return std::nullopt;
    }
    backfill_how how = parse_backfill_how(row.how);
    if (how.not_before > now) return how.not_before;

    const backfill_window next = next_instants(*calendar, row, most_at_once);
    if (!next.instants.empty()) {
        const auto states = states_of(in, job.id(), next.instants.front(), next.instants.back());
        const wall_time decided = job.course().at().decided;
        for (const wall_time instant : next.instants) {
            if (instant > decided) return later(now, undecided_poll);
            const auto there = states.find(instant);
            const bool runs = there == states.end() || is_to_run(there->second, how.reprocess);
            if (runs) {
                if (!job.has_room_for_backfill()) return now;
                job.trigger({.origin = run_origin::backfilled}, instant, now);
                how.not_before = later(now, how.pace);
                row.how = to_json(how);
            }
            row.done_to = instant;
            if (runs) return how.not_before;
        }
    }
    row.done_to = next.searched_to;
    if (!next.is_last) return now;
    row.over_at = now;
    return std::nullopt;
}

} // namespace

std::string to_json(const backfill_how& how) {
    nlohmann::json out = nlohmann::json::object();
    if (how.reprocess != reprocess::none)
        out["reprocess"] = words[static_cast<std::size_t>(how.reprocess)];
    if (how.pace > duration::zero()) out["pace"] = format_short_duration(how.pace);
    if (how.not_before) out["not_before"] = format_instant(*how.not_before);
    return out.dump();
}

backfill_how parse_backfill_how(std::string_view json) {
    const nlohmann::json in = nlohmann::json::parse(json);
    const auto word = [&](const char* field) {
        return in.contains(field) ? in.at(field).get<std::string>() : std::string();
    };
    backfill_how how;
    const auto which = std::find(words.begin(), words.end(), word("reprocess"));
    if (which != words.end()) how.reprocess = static_cast<reprocess>(which - words.begin());
    if (const std::string pace = word("pace"); !pace.empty()) how.pace = parse_duration(pace);
    if (const std::string at = word("not_before"); !at.empty()) how.not_before = parse_instant(at);
    return how;
}

backfill_window next_instants(const schedule& in, const backfill_row& of, std::size_t most) {
    backfill_window found{.searched_to = of.done_to};
    while (found.instants.size() < most) {
        const search_result next = in.find_next(found.searched_to);
        if (!next.instant && next.horizon && *next.horizon < of.until) {
            found.searched_to = *next.horizon; // in the next round from there
            return found;
        }
        if (!next.instant || *next.instant >= of.until) {
            found.is_last = true;
            return found;
        }
        found.instants.push_back(*next.instant);
        found.searched_to = *next.instant;
    }
    return found;
}

bool is_to_run(const std::vector<run_state>& of, reprocess which) noexcept {
    if (of.empty()) return true;
    if (is_open(of.back()) || which == reprocess::none) return false;
    return which == reprocess::all || of.back() != run_state::ok;
}

void feed_backfills(writing& in, job_id of) {
    const std::vector<job_row> found = in.jobs({.ids = {of}});
    if (found.empty()) return;
    decider job(found.front());
    std::vector<backfill_row> all = in.backfills(of);
    std::erase_if(all, [](const backfill_row& row) { return row.over_at.has_value(); });
    if (all.empty()) {
        job.backfill_at(std::nullopt);
        in.take(job.take_step(node_id::none));
        return;
    }
    backfill_row row = all.front();
    const wall_time now = in.now();
    std::optional<wall_time> goes_on = advance(in, job, row, now);
    if (row.over_at && all.size() > 1) goes_on = now; // with the one after it
    job.backfill_at(goes_on);
    step on = job.take_step(node_id::none);
    on.backfill = std::move(row);
    in.take(on); // if it was outpaced, it comes again
}

task<std::string> backfill(std::shared_ptr<store_access> access, std::string name, wall_time from,
                           wall_time until, backfill_options options) {
    const std::string where = "backfill of \"" + name + '"';
    check_key(options.id, "id", where);
    check_not_negative(options.pace, "pace", where);
    if (from >= until)
        throw std::invalid_argument("cicada: " + where + ": `until` is not after `from`");
    const std::string id = !options.id.empty() ? std::string(options.id)
                                               : format_instant(from) + '/' + format_instant(until);
    const std::string how = to_json(backfill_how{options.reprocess, options.pace});
    return request<std::string>(
        std::move(access), [name, where, from, until, id, how](writing& in) -> std::string {
            decider job = job_of(in, name);
            for (const backfill_row& row : in.backfills(job.id())) {
                if (row.id == id) return id;
            }
            if (!calendar_of(job.definition())) {
                throw std::invalid_argument("cicada: " + where +
                                            ": a fixed delay has no instants of the past");
            }
            if (until > in.now())
                throw std::invalid_argument("cicada: " + where + ": `until` lies in the future");
            require_instants(job);
            job.backfill_at(in.now());
            step begin = job.take_step(node_id::none);
            begin.backfill = {.id = id,
                              .job = job.id(),
                              .from = from,
                              .until = until,
                              .done_to = later(from, -duration(1)),
                              .how = how};
            take(in, begin);
            return id;
        });
}

} // namespace cicada::detail
