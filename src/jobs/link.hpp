#pragma once

/// store_link: the way from a machine to its store. What has to be done there goes as an *errand*,
/// what is asked there as a *question*, and the answer comes back. There are three: direct (in a
/// simulation), by a thread that writes for all who ask at the same time in one transaction
/// (embedded stores), and by the simulated network of a cluster.
///
///     auto made = co_await link.write([one](writing& in) { return in.take(one); });
///
/// Threads:  write() and read() are awaited on a loop, of whatever thread; carry() and
///           carry_reading() are called on any.
/// Resumes:  on that loop.
/// Cancel:   throws `cancelled`; the errand may be done all the same.
/// Errors:   what the function threw; store_error. unknown_outcome: it was done, or was not.
/// Lifetime: what is under way is kept by the link, and so is kept alive what the function holds:
///           let that be no share of who owns the link.

#include <memory>
#include <type_traits>

#include <cicada/async/future.hpp>
#include <cicada/async/task.hpp>
#include <store/store.hpp>

namespace cicada::detail {

/// A part that says when it is over, on whatever thread.
class errand : public part {
public:
    virtual ~errand() = default;
    /// After its transaction: `error` says whether it was done.
    virtual void over() noexcept = 0;
};

/// The same of what writes nothing.
class question {
public:
    virtual ~question() = default;
    virtual void ask(reading& in) = 0;
    virtual void over() noexcept = 0;
    std::exception_ptr error = nullptr; // why it was not answered
};

/// What `f(in)` gives, on its way to who awaits it.
template <class In, class F>
class answer_of {
public:
    using value = std::invoke_result_t<F&, In&>;
    explicit answer_of(F f) : f_(std::move(f)) {}
    cicada::future<value> coming() { return promise_.future(); }
    void make(In& in) {
        if constexpr (std::is_void_v<value>) {
            f_(in);
        } else {
            made_ = f_(in);
        }
    }
    void give(std::exception_ptr error) noexcept {
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

template <class F>
class errand_of final : public errand {
public:
    explicit errand_of(F f) : answer(std::move(f)) {}
    void run(writing& in) override { answer.make(in); }
    void over() noexcept override { answer.give(std::move(error)); }
    answer_of<writing, F> answer;
};

template <class F>
class question_of final : public question {
public:
    explicit question_of(F f) : answer(std::move(f)) {}
    void ask(reading& in) override { answer.make(in); }
    void over() noexcept override { answer.give(std::move(error)); }
    answer_of<reading, F> answer;
};

class CICADA_API store_link {
public:
    store_link() = default;
    store_link(const store_link&) = delete;
    store_link& operator=(const store_link&) = delete;
    virtual ~store_link();

    virtual void carry(std::shared_ptr<errand> what) = 0; // to store::write
    /// The same of a renewal of a lease, which waits behind no other work.
    virtual void carry_renewal(std::shared_ptr<errand> what) { carry(std::move(what)); }
    virtual void carry_reading(std::shared_ptr<question> what) = 0; // to store::read
    /// The same of what may take long: nothing else waits behind it.
    virtual void carry_survey(std::shared_ptr<question> what) { carry_reading(std::move(what)); }
    /// The store's time, as far as it is known here: never ahead of it.
    virtual wall_time now() = 0;
    /// Another number than before: it may be another server since, which lacks the last that the
    /// one before said was done. What was read there is out of date, whatever its revision.
    virtual std::uint64_t server() const noexcept { return 0; }

    /// `f(writing&)`, at the store. Arguments by value: it may outlive the caller.
    template <class F>
    auto write(F f) -> cicada::future<typename answer_of<writing, F>::value> {
        const auto one = std::make_shared<errand_of<F>>(std::move(f));
        auto coming = one->answer.coming();
        carry(one);
        return coming;
    }
    /// `f(reading&)`, which writes nothing.
    template <class F>
    auto read(F f) -> cicada::future<typename answer_of<reading, F>::value> {
        return ask(std::move(f), &store_link::carry_reading);
    }
    /// The same, which may take long.
    template <class F>
    auto survey(F f) -> cicada::future<typename answer_of<reading, F>::value> {
        return ask(std::move(f), &store_link::carry_survey);
    }

private:
    template <class F>
    auto ask(F f, void (store_link::*by)(std::shared_ptr<question>))
        -> cicada::future<typename answer_of<reading, F>::value> {
        const auto one = std::make_shared<question_of<F>>(std::move(f));
        auto coming = one->answer.coming();
        (this->*by)(one);
        return coming;
    }
};

} // namespace cicada::detail
