#include <cicada/loop/loop_group.hpp>

#include <algorithm>
#include <thread>

namespace cicada {

loop_group::loop_group(unsigned loops, const thread_options& options) {
    if (loops == 0) loops = std::max(1u, std::thread::hardware_concurrency());
    threads_.reserve(loops);
    for (unsigned i = 0; i < loops; ++i) threads_.emplace_back(options);
}

/// No loop goes before all have drained: what cleans up on one may still start or await something
/// on another.
loop_group::~loop_group() {
    close();
    for (auto& t : threads_) t.wait_until_drained();
}

void loop_group::close() noexcept {
    for (auto& t : threads_) t.close();
}

} // namespace cicada
