#pragma once

#include <cicada/hosts/asio/driver.hpp>
#include <cicada/hosts/asio/join.hpp>

namespace cicada {

struct asio_options {
    /// How much later than its deadline a timer may come, so that wake-ups can be shared: through
    /// Asio one costs tens of microseconds of CPU, more than hundreds of ticks. It never moves a
    /// schedule. 0: as precise as Asio's timers are.
    duration accuracy = std::chrono::microseconds(500);
    loop_options loop = {};
};

/// A loop that an Asio executor turns, within an io_context, a thread_pool or whatever else has
/// timers.
///
/// Its tasks and periodics run as handlers on that executor, among the others. While anything is
/// left on the loop it counts as outstanding work, so context.run() returns when nothing is.
///
/// Threads:  turns never run side by side. An executor of a context that one thread runs will do; a
///           context of several threads needs a strand: `asio_host(asio::make_strand(context))`.
///           Without one the first turn that meets another throws std::logic_error out of
///           context.run(). get() from any thread: post, spawn and every with the loop as first
///           argument. Outside of the loop's own tasks and callbacks there is no current loop.
/// Shutdown: close(); everything is cancelled and goes on until it has ended, and then
///           context.run() returns. Destroying the host with work left cancels it, lets it run as
///           far as it can without waiting, and destroys the frames of the rest where they stand;
///           operations that they had begun end unheard.
/// Lifetime: goes on the executor or when no thread runs it, and not by one of its own tasks
///           (std::terminate). When the context goes first the loop ends with it, as if the host
///           had been destroyed; do not use get() or close() any more.
/// Errors:   what Asio throws when it cannot wait comes out of context.run().
class asio_host {
public:
    explicit asio_host(boost::asio::any_io_executor executor, asio_options options = {})
        : driver_(std::make_shared<detail::asio_driver>(std::move(executor), options.accuracy)) {
        driver_->begin(std::move(options.loop));
    }
    template <class Context>
        requires std::is_convertible_v<Context&, boost::asio::execution_context&>
    explicit asio_host(Context& context, asio_options options = {})
        : asio_host(context.get_executor(), std::move(options)) {}
    ~asio_host() { driver_->end(); }
    asio_host(const asio_host&) = delete;
    asio_host& operator=(const asio_host&) = delete;

    loop& get() const noexcept { return driver_->get(); }
    const boost::asio::any_io_executor& get_executor() const noexcept {
        return driver_->executor();
    }
    /// Any thread: starts the shutdown, without waiting for it.
    void close() noexcept { get().close(); }

    /// Waits for a task, of this loop or of another, from the world of Asio: see join.hpp.
    template <class T, class CompletionToken>
    auto async_join(join_handle<T> task, CompletionToken&& token) {
        return detail::async_join(driver_, std::move(task), token);
    }

private:
    std::shared_ptr<detail::asio_driver> driver_;
};

} // namespace cicada
