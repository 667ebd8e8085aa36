#include <cicada/store/records.hpp>

namespace cicada {

std::string_view to_string(run_origin origin) noexcept {
    switch (origin) {
    case run_origin::scheduled:
        return "scheduled";
    case run_origin::triggered:
        return "triggered";
    case run_origin::backfilled:
        return "backfilled";
    case run_origin::rerun:
        return "rerun";
    case run_origin::submitted:
        return "submitted";
    }
    return "";
}

std::string_view to_string(run_state state) noexcept {
    switch (state) {
    case run_state::ready:
        return "ready";
    case run_state::running:
        return "running";
    case run_state::ok:
        return "ok";
    case run_state::failed:
        return "failed";
    case run_state::cancelled:
        return "cancelled";
    case run_state::lost:
        return "lost";
    }
    return "";
}

} // namespace cicada
