#include <cicada/schedule/decision.hpp>

#include <utility>

#include <schedule/words.hpp>

namespace cicada {

namespace {

constexpr std::pair<decision::kind, std::string_view> reasons[] = {
    {decision::kind::ran, "it ran"},
    {decision::kind::failed, "its last attempt failed"},
    {decision::kind::cancelled, "it was cancelled"},
    {decision::kind::skipped_overlap, "an earlier run had not ended"},
    {decision::kind::coalesced_into, "missed; a later or earlier run stands for it"},
    {decision::kind::missed, "missed, and beyond what is caught up"},
    {decision::kind::too_late, "it could not start within its start_deadline"},
    {decision::kind::excluded, "an exception to the schedule"},
    {decision::kind::paused, "paused"},
    {decision::kind::clock_went_back, "the wall clock was ahead, and was set right"},
    {decision::kind::lost, "the machine that ran it is gone"},
    {decision::kind::restored, "it passed before a backup was restored"}};

} // namespace

std::string_view to_string(decision::kind what) noexcept {
    for (const detail::word<decision::kind>& w : detail::words<decision::kind>) {
        if (w.value == what) return w.text;
    }
    return {};
}

std::string_view reason(decision::kind what) noexcept {
    for (const auto& [kind, why] : reasons) {
        if (kind == what) return why;
    }
    return {};
}

} // namespace cicada
