#include <jobs/checks.hpp>

#include <stdexcept>

#include <jobs/text.hpp>

namespace cicada::detail {

namespace {

[[noreturn]] void refuse(const std::string& where, std::string_view field, const std::string& why) {
    throw std::invalid_argument("cicada: " + where + ": `" + std::string(field) + "` " + why);
}

} // namespace

void check_key(std::string_view key, std::string_view field, const std::string& where) {
    if (key.size() > most_name) {
        refuse(where, field,
               "has " + std::to_string(key.size()) + " bytes; write at most " +
                   std::to_string(most_name));
    }
    if (const auto at = find_unclean(key)) {
        refuse(where, field,
               "has a NUL, or what is no UTF-8, at byte " + std::to_string(*at) +
                   "; write it in UTF-8");
    }
}

void check_not_negative(duration d, std::string_view field, const std::string& where) {
    if (d < duration::zero()) refuse(where, field, "is negative");
}

} // namespace cicada::detail
