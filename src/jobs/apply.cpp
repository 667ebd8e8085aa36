#include <jobs/apply.hpp>

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include <jobs/checks.hpp>
#include <jobs/request.hpp>
#include <jobs/text.hpp>

namespace cicada {

std::string apply_plan::text() const {
    if (is_outdated) return "a later revision was applied before: nothing is changed\n";
    std::string all;
    for (const entry& one : jobs) {
        if (one.what == action::keep) continue;
        all += one.what == action::create ? "+ " : one.what == action::update ? "~ " : "- ";
        all += one.name;
        if (!one.changes.empty()) all.append("  ").append(one.changes);
        all += '\n';
    }
    return all;
}

namespace detail {

namespace {

/// As the definition has it; long ones by their beginning.
std::string shown(const nlohmann::json& definition, const std::string& field) {
    const auto at = definition.find(field);
    if (at == definition.end()) return "default";
    return clean_text(at->dump(), 100);
}

/// `when: "every 5m" -> "every 10m", retry: default -> {"max":3}`
std::string differences(const job& before, const job& after) {
    const nlohmann::json was = nlohmann::json::parse(to_json({before}));
    const nlohmann::json is = nlohmann::json::parse(to_json({after}));
    nlohmann::json both = was;
    both.update(is);
    std::string text;
    for (const auto& [field, value] : both.items()) {
        if (was.contains(field) && is.contains(field) && was[field] == is[field]) continue;
        text.append(text.empty() ? "" : ", ").append(field).append(": ");
        text.append(shown(was, field)).append(" -> ").append(shown(is, field));
    }
    return text;
}

std::vector<job_row> rows_for(reading& in, const wanted_jobs& wanted) {
    std::vector<job_row> all;
    job_query names;
    for (const job& one : wanted.jobs) names.names.push_back(one.name);
    if (!names.names.empty()) all = in.jobs(names);
    job_query owned{.owner = wanted.owner};
    for (bool is_last = false; !is_last;) {
        std::vector<job_row> page = in.jobs(owned);
        is_last = page.size() < owned.most;
        if (!is_last) owned.after = page.back().name;
        std::move(page.begin(), page.end(), std::back_inserter(all));
    }
    return all;
}

/// The step to `job`, which is that of the row, or one that takes its place.
void plan_one(const job& wanted, const std::string& owner, const job_row* row, wall_time now,
              planned& made) {
    using action = apply_plan::action;
    if (!row) {
        made.creates.push_back(decider::make({wanted}, owner, now));
        made.plan.jobs.push_back({action::create, wanted.name});
        return;
    }
    decider at_work(*row);
    const bool is_removed = at_work.notes().is_removed;
    if (row->owner != owner && !is_removed) {
        throw std::invalid_argument("cicada: job \"" + wanted.name + "\" belongs to owner \"" +
                                    row->owner + "\", so \"" + owner + "\" cannot apply it");
    }
    if (!is_removed && at_work.definition().of == wanted) {
        made.plan.jobs.push_back({action::keep, wanted.name});
        return;
    }
    std::string changes = is_removed ? std::string() : differences(at_work.definition().of, wanted);
    at_work.edit({wanted}, now);
    step edit = at_work.take_step(node_id::none);
    if (row->owner != owner) edit.owner = owner;
    made.steps.push_back(std::move(edit));
    made.plan.jobs.push_back(
        {is_removed ? action::create : action::update, wanted.name, std::move(changes)});
}

void remove(const job_row& row, wall_time now, planned& made) {
    decider at_work(row);
    if (at_work.notes().is_removed) return;
    at_work.remove(now);
    made.steps.push_back(at_work.take_step(node_id::none));
    made.plan.jobs.push_back({apply_plan::action::remove, row.name});
}

void carry_out(const planned& what, writing& in) {
    for (const new_job& one : what.creates) {
        if (!in.create(one)) throw outpaced();
    }
    for (const step& one : what.steps) take(in, one);
}

} // namespace

wanted_jobs check_wanted(std::string owner, std::vector<job> jobs) {
    if (owner.empty())
        throw std::invalid_argument("cicada: jobs need an `owner`, who applies them");
    check_key(owner, "owner", "apply");
    for (const job& one : jobs) check(one);
    std::sort(jobs.begin(), jobs.end(), [](const job& a, const job& b) { return a.name < b.name; });
    const auto twice = std::adjacent_find(
        jobs.begin(), jobs.end(), [](const job& a, const job& b) { return a.name == b.name; });
    if (twice != jobs.end())
        throw std::invalid_argument("cicada: two jobs have the name \"" + twice->name + '"');
    return {std::move(owner), std::move(jobs)};
}

planned plan_apply(const wanted_jobs& wanted, const std::vector<job_row>& there, wall_time now) {
    std::map<std::string_view, const job_row*> rows;
    for (const job_row& row : there) rows.emplace(row.name, &row);

    planned made;
    for (const job& one : wanted.jobs) {
        const auto at = rows.find(one.name);
        plan_one(one, wanted.owner, at == rows.end() ? nullptr : at->second, now, made);
        if (at != rows.end()) rows.erase(at);
    }
    for (const auto& [name, row] : rows) remove(*row, now, made);
    std::sort(made.plan.jobs.begin(), made.plan.jobs.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return made;
}

task<apply_plan> apply_jobs(std::shared_ptr<store_access> access, wanted_jobs wanted,
                            apply_options options) {
    const auto shared = std::make_shared<const wanted_jobs>(std::move(wanted));
    const auto plan = [shared, options](reading& in) -> planned {
        const std::uint64_t last = in.applied(shared->owner).value_or(0);
        if (options.revision.value_or(last) < last) return {.plan = {.is_outdated = true}};
        return plan_apply(*shared, rows_for(in, *shared), in.now());
    };
    if (options.is_dry_run)
        return ask<apply_plan>(std::move(access), [plan](reading& in) { return plan(in).plan; });
    return request<apply_plan>(std::move(access), [shared, options, plan](writing& in) {
        planned made = plan(in);
        if (made.plan.is_outdated) return made.plan;
        const std::uint64_t last = in.applied(shared->owner).value_or(0);
        if (!in.apply(shared->owner, options.revision.value_or(last))) throw outpaced();
        carry_out(made, in);
        return made.plan;
    });
}

} // namespace detail

} // namespace cicada
