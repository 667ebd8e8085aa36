#pragma once

/// Where the component postgres comes in: this library does not need libpq, and has no more than a
/// weak name of what opens such a store. A program that is linked with the component has it: its
/// link options ask the linker for the name.

#include <memory>

#include <jobs/link.hpp>
#include <jobs/store_url.hpp>

namespace cicada::detail {

struct opened_store {
    std::shared_ptr<store> where = nullptr;
    std::unique_ptr<store_link> link = nullptr;
};

} // namespace cicada::detail

extern "C" {
/// Blocks. With a clock it is that of a simulation, which is the caller's thread; none: the
/// server's. Throws store_error.
[[gnu::weak]] CICADA_API void cicada_open_postgres(const cicada::detail::store_url& url,
                                                   cicada::wall_time (*clock)(),
                                                   cicada::detail::opened_store& to);
}
