#pragma once

#include <atomic>
#include <string_view>

#include <cicada/async/holdable.hpp>
#include <cicada/base/export.hpp>
#include <cicada/base/list.hpp>

namespace cicada {

struct loop_snapshot;

namespace detail {

/// Where residents of a loop find it, also from other threads, and also when it is gone. Each loop
/// has one for all that need nothing else; those live as long as the process, and are used again.
struct home_context {
    std::atomic<executor*> home{nullptr};
    const bool is_shared;
    explicit home_context(bool shared) noexcept : is_shared(shared) {}
};

/// Something that lives on a loop without being an activity: a periodic, or the timer of a sleep.
/// What the loop does with all of them it does in two steps, because a call to one may end, and
/// free, any other: first it gathers those that can be held until then, and holds them; then each
/// gets its call, after which it may go. The others belong to something that ends them: a task, or
/// a resident that is gathered.
class CICADA_API resident : public holdable {
public:
    /// True: from here until its call it is not freed, whatever else happens.
    virtual bool stay() noexcept { return false; }
    virtual void shut_down() noexcept {}
    /// The rules of time zones have changed, or the wall clock was found to have been wrong.
    virtual void reconsider() noexcept {}
    /// For the watch for slow callbacks.
    virtual std::string_view task_name() const noexcept { return {}; }
    /// Adds itself, unless it is listed as what a task waits for.
    virtual void add_to(loop_snapshot&) const {}

    // Of what has no handles nobody asks this. It stands here for a periodic, which is a timer and
    // holdable with one vptr.
    executor* home() const noexcept override { return nullptr; }
    bool has_ended() const noexcept override { return true; }
    void add_handle() noexcept override {}
    void release_handle() noexcept override {}
    void ask_to_cancel() noexcept override {}
    void owner_dropped() noexcept override {}
    void add_listener(listener&) override {}
    void remove_listener(listener&) noexcept override {}
    bool contains(const activity&) const noexcept override { return false; }

protected:
    ~resident() = default;
};

/// Keeps a resident in the loop's list while it may have no armed timer by which the loop would
/// find it.
struct resident_link : list_links<resident_link> {
    explicit resident_link(resident& r) noexcept : who(r) {}
    resident& who;
};

} // namespace detail
} // namespace cicada
