#include <cicada/store/errors.hpp>

#include <utility>

namespace cicada {

namespace {

std::string sentence(std::string_view place, std::string_view what, std::string_view mend) {
    std::string text("cicada: \"");
    text.append(place).append("\" ").append(what).append(": ").append(mend);
    return text;
}

} // namespace

std::string_view to_string(store_fault what) noexcept {
    switch (what) {
    case store_fault::unreachable:
        return "unreachable";
    case store_fault::busy:
        return "busy";
    case store_fault::timed_out:
        return "timed_out";
    case store_fault::failed:
        return "failed";
    case store_fault::full:
        return "full";
    case store_fault::too_large:
        return "too_large";
    case store_fault::unknown_outcome:
        return "unknown_outcome";
    case store_fault::log_held:
        return "log_held";
    case store_fault::read_only:
        return "read_only";
    case store_fault::no_rights:
        return "no_rights";
    case store_fault::corrupt:
        return "corrupt";
    case store_fault::not_a_store:
        return "not_a_store";
    case store_fault::too_new:
        return "too_new";
    case store_fault::owned_by_another:
        return "owned_by_another";
    case store_fault::network_file_system:
        return "network_file_system";
    case store_fault::bad_url:
        return "bad_url";
    }
    return "";
}

store_error::store_error(store_fault fault, std::string place, std::string_view what,
                         std::string_view mend)
    : error(sentence(place, what, mend)), fault_(fault), place_(std::move(place)) {}

} // namespace cicada
