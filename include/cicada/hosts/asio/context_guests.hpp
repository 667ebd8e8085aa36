#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/execution_context.hpp>

namespace cicada::detail {

/// What lives within a context of Asio and may not outlive it.
class context_guest {
public:
    virtual void context_ends() noexcept = 0;

protected:
    ~context_guest() = default;
};

/// Tells its guests that a context is being destroyed, while they can still let go of what they
/// have of it.
class context_guests final : public boost::asio::execution_context::service {
public:
    static inline boost::asio::execution_context::id id;

    explicit context_guests(boost::asio::execution_context& of) : service(of) {}

    void add(context_guest& one) {
        const std::lock_guard lock(mutex_);
        all_.push_back(&one);
    }
    void remove(context_guest& one) noexcept {
        const std::lock_guard lock(mutex_);
        std::erase(all_, &one);
    }

private:
    void shutdown() override {
        // Each removes itself, and may take others along.
        while (!all_.empty()) all_.back()->context_ends();
    }

    std::mutex mutex_;
    std::vector<context_guest*> all_;
};

} // namespace cicada::detail
