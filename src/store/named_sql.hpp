#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace cicada::detail {

/// Of a .sql file, the statement of this name, which stands below a line "--: name". Throws
/// std::logic_error.
inline std::string_view named(std::string_view file, std::string_view name) {
    const std::string head = "--: " + std::string(name) + "\n";
    const std::size_t at = file.find(head);
    if (at == std::string_view::npos) {
        throw std::logic_error("cicada: there is no statement \"" + std::string(name) + "\"");
    }
    const std::string_view rest = file.substr(at + head.size());
    return rest.substr(0, rest.find("--: "));
}

} // namespace cicada::detail
