#pragma once

/// store_link: the way from a machine to its store. What has to be done there goes as an *errand*,
/// and comes back. There are three: direct (in a simulation), by a thread that writes for all who
/// ask at the same time in one transaction (embedded stores), and by the simulated network of a
/// cluster.
///
///     auto made = co_await link.write([&](writing& in) { return in.take(one); });
///
/// Threads:  write() and read() are awaited on a loop, of whatever thread.
/// Resumes:  on that loop.
/// Cancel:   throws `cancelled`; the errand may be done all the same.
/// Errors:   what the function threw; store_error. unknown_outcome: it was done, or was not.

#include <memory>
#include <type_traits>

#include <cicada/async/future.hpp>
#include <cicada/async/task.hpp>
#include <store/store.hpp>

namespace cicada::detail {

/// A part that says when it is over, on whatever thread. It is kept alive until then by the link.
class errand : public part {
public:
    virtual ~errand() = default;
    /// After its transaction: `error` says whether it was done.
    virtual void over() noexcept = 0;
};

class CICADA_API store_link {
public:
    store_link() = default;
    store_link(const store_link&) = delete;
    store_link& operator=(const store_link&) = delete;
    virtual ~store_link();

    virtual void carry(std::shared_ptr<errand> what) = 0; // to store::write
    virtual void carry_reading(std::shared_ptr<errand> what) = 0; // to store::read
    /// The store's time, as far as it is known here: never ahead of it.
    virtual wall_time now() = 0;

    /// `f(writing&)`, at the store. Arguments by value: it may outlive the caller.
    template <class F>
    auto write(F f) {
        return send<writing>(&store_link::carry, std::move(f));
    }
    /// `f(reading&)`, which writes nothing.
    template <class F>
    auto read(F f) {
        return send<reading>(&store_link::carry_reading, std::move(f));
    }

private:
    template <class In, class F>
    class errand_of final : public errand {
    public:
        using value = std::invoke_result_t<F&, In&>;
        explicit errand_of(F f) : f_(std::move(f)) {}
        cicada::future<value> answer() { return promise_.future(); }
        void run(writing& in) override {
            if constexpr (std::is_void_v<value>) {
                f_(in);
            } else {
                made_ = f_(in);
            }
        }
        void over() noexcept override {
            if (error) {
                promise_.set_error(std::move(error));
            } else if constexpr (std::is_void_v<value>) {
                promise_.set_value();
            } else {
                promise_.set_value(std::move(*made_));
            }
        }

    private:
        struct nothing {};
        F f_;
        std::optional<std::conditional_t<std::is_void_v<value>, nothing, value>> made_;
        cicada::promise<value> promise_;
    };

    template <class In, class F>
    auto send(void (store_link::*way)(std::shared_ptr<errand>), F f)
        -> cicada::future<std::invoke_result_t<F&, In&>> {
        auto one = std::make_shared<errand_of<In, F>>(std::move(f));
        auto answer = one->answer();
        (this->*way)(std::move(one));
        return answer;
    }
};

} // namespace cicada::detail
