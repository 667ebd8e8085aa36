#include <jobs/notes.hpp>

#include <array>
#include <concepts>
#include <utility>

#include <cicada/base/rfc3339.hpp>
#include <nlohmann/json.hpp>

namespace cicada::detail {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array origins = {run_origin::scheduled, run_origin::triggered,
                                run_origin::backfilled, run_origin::rerun, run_origin::submitted};

json written(wall_time t) { return t.time_since_epoch().count(); }

/// Refuses a fraction, and what T cannot hold: as T that would be another number, or undefined.
template <std::integral T>
T whole(const json& in) {
    const bool fits = in.is_number_unsigned()
                          ? std::in_range<T>(in.get<std::uint64_t>())
                          : in.is_number_integer() && std::in_range<T>(in.get<std::int64_t>());
    if (!fits) throw std::invalid_argument("a whole number is expected there");
    return in.get<T>();
}
wall_time instant_of(const json& in) { return wall_time(duration(whole<duration::rep>(in))); }

run_origin origin_of(std::string_view word) {
    for (const run_origin one : origins) {
        if (to_string(one) == word) return one;
    }
    throw std::invalid_argument("a run's origin");
}

json written(const job_notes::asked& one) {
    json out = {{"tag", one.tag}, {"origin", to_string(one.origin)}, {"at", written(one.nominal)}};
    if (!one.key.empty()) out["key"] = one.key;
    if (one.arguments) out["arguments"] = *one.arguments;
    return out;
}

job_notes::asked asked_of(const json& in) {
    job_notes::asked one;
    one.tag = whole<std::uint64_t>(in.at("tag"));
    one.origin = origin_of(in.at("origin").get_ref<const std::string&>());
    one.nominal = instant_of(in.at("at"));
    one.key = in.value("key", std::string());
    if (in.contains("arguments")) one.arguments = in.at("arguments").get<std::string>();
    return one;
}

job_notes read(const json& in) {
    job_notes notes;
    notes.paused_by = in.value("paused_by", std::string());
    notes.pause_note = in.value("pause_note", std::string());
    if (in.contains("paused_until")) notes.paused_until = instant_of(in.at("paused_until"));
    notes.stays_paused = in.value("stays_paused", false);
    if (in.contains("backfill_at")) notes.backfill_at = instant_of(in.at("backfill_at"));
    if (in.contains("edited_at")) notes.edited_at = instant_of(in.at("edited_at"));
    notes.is_removed = in.value("removed", false);
    if (in.contains("asked_for"))
        for (const json& one : in.at("asked_for")) notes.asked_for.push_back(asked_of(one));
    if (in.contains("earlier"))
        for (const json& one : in.at("earlier"))
            notes.of_earlier_epochs.push_back(
                {whole<std::uint32_t>(one.at("epoch")), instant_of(one.at("at"))});
    return notes;
}

} // namespace

std::string to_text(const job_notes& notes) {
    static const job_notes none;
    if (notes == none) return {};
    json out = json::object();
    if (!notes.paused_by.empty()) out["paused_by"] = notes.paused_by;
    if (!notes.pause_note.empty()) out["pause_note"] = notes.pause_note;
    if (notes.paused_until) out["paused_until"] = written(*notes.paused_until);
    if (notes.stays_paused) out["stays_paused"] = true;
    for (const job_notes::asked& one : notes.asked_for) out["asked_for"].push_back(written(one));
    for (const job_notes::earlier& one : notes.of_earlier_epochs)
        out["earlier"].push_back({{"epoch", one.epoch}, {"at", written(one.nominal)}});
    if (notes.backfill_at) out["backfill_at"] = written(*notes.backfill_at);
    if (notes.edited_at) out["edited_at"] = written(*notes.edited_at);
    if (notes.is_removed) out["removed"] = true;
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

job_notes parse_notes(std::string_view text) {
    if (text.empty()) return {};
    const json in = json::parse(text, nullptr, false);
    if (!in.is_object()) throw parse_error(text, 0, "notes, which are a JSON object");
    try {
        return read(in);
    } catch (const json::exception& e) {
        throw parse_error(text, 0, "notes of this version", e.what());
    } catch (const std::invalid_argument& e) {
        throw parse_error(text, 0, "notes of this version", e.what());
    }
}

} // namespace cicada::detail
