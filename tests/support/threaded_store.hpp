#pragma once

/// A store in memory that is reached by a thread_link, counts its transactions, and can be made to
/// fail or to stand still.

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include <cicada/jobs/job_store.hpp>
#include <jobs/access.hpp>
#include <jobs/thread_link.hpp>
#include <store/memory/store.hpp>

namespace support {

inline cicada::wall_time real_time() {
    return std::chrono::time_point_cast<cicada::duration>(std::chrono::system_clock::now());
}

class threaded_store final : public cicada::detail::store {
public:
    void write(std::span<cicada::detail::part* const> parts) override {
        const std::lock_guard lock(still);
        ++writes;
        if (fails)
            throw cicada::store_error(cicada::store_fault::unreachable, place(), "is away", "wait");
        inner_.write(parts);
    }
    void read(const cicada::detail::function<void(cicada::detail::reading&)>& ask) override {
        if (fails)
            throw cicada::store_error(cicada::store_fault::unreachable, place(), "is away", "wait");
        inner_.read(ask);
    }
    std::string place() const override { return inner_.place(); }

    std::mutex still; // who holds it lets no write begin
    std::atomic<int> writes{0};
    std::atomic<bool> fails{false};

private:
    cicada::detail::memory_store inner_{{.now = real_time}};
};

/// As open_store() makes it.
inline std::shared_ptr<cicada::detail::store_access> reach(std::shared_ptr<threaded_store> of) {
    auto link = std::make_unique<cicada::detail::thread_link>(*of, real_time);
    return std::make_shared<cicada::detail::store_access>(std::move(of), std::move(link));
}

} // namespace support
