#include <cicada/schedule/decision.hpp>

namespace cicada {

std::string_view to_string(decision::kind what) noexcept {
    switch (what) {
    case decision::kind::ran:
        return "ran";
    case decision::kind::failed:
        return "failed";
    case decision::kind::cancelled:
        return "cancelled";
    case decision::kind::skipped_overlap:
        return "skipped_overlap";
    case decision::kind::coalesced_into:
        return "coalesced_into";
    case decision::kind::missed:
        return "missed";
    case decision::kind::too_late:
        return "too_late";
    case decision::kind::excluded:
        return "excluded";
    case decision::kind::paused:
        return "paused";
    }
    return "";
}

std::string_view reason(decision::kind what) noexcept {
    switch (what) {
    case decision::kind::ran:
        return "it ran";
    case decision::kind::failed:
        return "its last attempt failed";
    case decision::kind::cancelled:
        return "it was cancelled";
    case decision::kind::skipped_overlap:
        return "an earlier run had not ended";
    case decision::kind::coalesced_into:
        return "missed; a later or earlier run stands for it";
    case decision::kind::missed:
        return "missed, and beyond what is caught up";
    case decision::kind::too_late:
        return "it could not start within its start_deadline";
    case decision::kind::excluded:
        return "an exception to the schedule";
    case decision::kind::paused:
        return "paused";
    }
    return "";
}

} // namespace cicada
