#include <jobs/process_name.hpp>

#include <array>

#include <unistd.h>

namespace cicada::detail {

std::string process_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + ':' + std::to_string(::getpid());
}

} // namespace cicada::detail
