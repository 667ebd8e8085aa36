// use_task: operations of Asio awaited by tasks.
#include <conformance/conformance.hpp>

#include <optional>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cicada/hosts/asio.hpp>

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using cicada::task;
namespace asio = boost::asio;
using error_code = boost::system::error_code;

namespace {

class asio_operation : public testing::Test {
protected:
    /// Runs the program until nothing is left in the context.
    template <class F>
    void run(F program) {
        bool ended = false;
        cicada::spawn(host.get(), [&]() -> task<> {
            co_await program();
            ended = true;
        }).detach();
        context.run();
        EXPECT_TRUE(ended) << "it failed, see stderr, or waits for ever";
    }
    ~asio_operation() override {
        host_.reset();
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_);
    }

    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
    asio::io_context context{1};
    std::optional<cicada::asio_host> host_{std::in_place, context};
    cicada::asio_host& host = *host_;
    asio::steady_timer timer{context};
};

TEST_F(asio_operation, gives_nothing_a_value_or_a_tuple) {
    run([&]() -> task<> {
        co_await asio::post(cicada::use_task);
        const auto one = [](auto handler) { std::move(handler)(7); };
        EXPECT_EQ((co_await asio::async_initiate<const cicada::use_task_t, void(int)>(
                      one, cicada::use_task)),
                  7);
        const auto two = [](auto handler) { std::move(handler)(error_code(), 7, 'x'); };
        const auto both =
            co_await asio::async_initiate<const cicada::use_task_t, void(error_code, int, char)>(
                two, cicada::use_task);
        EXPECT_EQ(both, std::tuple(7, 'x'));
    });
}

TEST_F(asio_operation, resumes_on_its_loop) {
    run([&]() -> task<> {
        cicada::loop& home = cicada::loop::current();
        timer.expires_after(1ms);
        co_await timer.async_wait(cicada::use_task);
        EXPECT_EQ(&cicada::loop::current(), &home);
    });
    EXPECT_THROW(cicada::loop::current(), std::logic_error);
}

TEST_F(asio_operation, throws_its_error_or_gives_it_with_as_tuple) {
    run([&]() -> task<> {
        tcp::socket closed(context);
        char byte = 0;
        bool thrown = false;
        try {
            co_await closed.async_read_some(asio::buffer(&byte, 1), cicada::use_task);
        } catch (const boost::system::system_error& e) {
            thrown = e.code() == asio::error::bad_descriptor;
        }
        EXPECT_TRUE(thrown);
        const auto [failed, n] = co_await closed.async_read_some(asio::buffer(&byte, 1),
                                                                 asio::as_tuple(cicada::use_task));
        EXPECT_EQ(failed, asio::error::bad_descriptor);
        EXPECT_EQ(n, 0u);
        error_code redirected;
        co_await closed.async_read_some(asio::buffer(&byte, 1),
                                        asio::redirect_error(cicada::use_task, redirected));
        EXPECT_EQ(redirected, asio::error::bad_descriptor);
    });
}

TEST_F(asio_operation, that_is_composed_moves_bytes) {
    run([&]() -> task<> {
        tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
        tcp::socket here(context);
        auto accepted = cicada::spawn(acceptor.async_accept(cicada::use_task));
        co_await here.async_connect(acceptor.local_endpoint(), cicada::use_task);
        tcp::socket there = co_await std::move(accepted);
        const std::string sent(100'000, 'c');
        std::string came(sent.size(), '\0');
        co_await cicada::when_all(
            [](tcp::socket& s, const std::string& text) -> task<> {
                co_await asio::async_write(s, asio::buffer(text), cicada::use_task);
            }(here, sent),
            [](tcp::socket& s, std::string& text) -> task<> {
                co_await asio::async_read(s, asio::buffer(text), cicada::use_task);
            }(there, came));
        EXPECT_EQ(came, sent);
    });
}

TEST_F(asio_operation, is_cancelled_through_its_slot_and_throws_cancelled_in_all_forms) {
    run([&]() -> task<> {
        timer.expires_after(1h);
        enum class form { plain, tuple, redirected };
        for (const form of : {form::plain, form::tuple, form::redirected}) {
            bool cancelled = false;
            auto waiting = cicada::spawn([&, of]() -> task<> {
                error_code failed;
                try {
                    if (of == form::plain) co_await timer.async_wait(cicada::use_task);
                    if (of == form::tuple)
                        co_await timer.async_wait(asio::as_tuple(cicada::use_task));
                    if (of == form::redirected)
                        co_await timer.async_wait(asio::redirect_error(cicada::use_task, failed));
                } catch (const cicada::cancelled&) {
                    cancelled = true;
                    throw;
                }
            });
            co_await cicada::sleep(1ms);
            EXPECT_EQ(cicada::loop::current().snapshot().tasks.back().waits_for,
                      "an operation of Asio");
            co_await waiting.cancel();
            EXPECT_TRUE(cancelled);
        }
        int timed_out = 0;
        try {
            co_await cicada::with_timeout(1ms, timer.async_wait(cicada::use_task));
        } catch (const cicada::timeout_error&) {
            ++timed_out;
        }
        error_code failed;
        try {
            co_await cicada::with_timeout(
                1ms, timer.async_wait(asio::redirect_error(cicada::use_task, failed)));
        } catch (const cicada::timeout_error&) {
            ++timed_out;
        }
        EXPECT_EQ(timed_out, 2);
    });
}

TEST_F(asio_operation, of_a_channel_is_cancelled_like_others_and_moves_what_cannot_be_copied) {
    run([&]() -> task<> {
        asio::experimental::channel<void(error_code, std::unique_ptr<int>)> passed(context, 1);
        co_await passed.async_send(error_code(), std::make_unique<int>(4), cicada::use_task);
        const std::unique_ptr<int> received = co_await passed.async_receive(cicada::use_task);
        EXPECT_EQ(*received, 4);
        bool timed_out = false;
        try {
            co_await cicada::with_timeout(1ms, passed.async_receive(cicada::use_task));
        } catch (const cicada::timeout_error&) {
            timed_out = true;
        }
        EXPECT_TRUE(timed_out) << "it calls an aborted operation channel_cancelled";
    });
}

TEST_F(asio_operation, that_completes_elsewhere_lets_its_task_go_on_at_home) {
    asio::thread_pool elsewhere(2);
    std::thread own;
    auto beat = cicada::every(host.get(), 20us, [] {}); // the loop is busy
    run([&]() -> task<> {
        const auto here = std::this_thread::get_id();
        for (int i = 0; i < 200; ++i) {
            co_await asio::post(asio::bind_executor(elsewhere.get_executor(), cicada::use_task));
            EXPECT_EQ(std::this_thread::get_id(), here);
            EXPECT_EQ(&cicada::loop::current(), &host.get());
        }
        const auto on_a_thread = [&](auto handler) {
            own = std::thread([h = std::move(handler)]() mutable { h(error_code(), 7); });
        };
        const int seven =
            co_await asio::async_initiate<const cicada::use_task_t, void(error_code, int)>(
                on_a_thread, cicada::use_task);
        EXPECT_EQ(seven, 7);
        EXPECT_EQ(std::this_thread::get_id(), here);
        beat.cancel();
    });
    own.join();
    elsewhere.join();
}

TEST_F(asio_operation, that_somebody_else_aborted_is_an_error) {
    run([&]() -> task<> {
        timer.expires_after(1h);
        auto other = cicada::after(1ms, [&] { timer.cancel(); });
        const auto [failed] = co_await timer.async_wait(asio::as_tuple(cicada::use_task));
        EXPECT_EQ(failed, asio::error::operation_aborted);
        co_await cicada::sleep(1ms); // no request is left behind
    });
}

TEST_F(asio_operation, does_not_begin_with_a_request_pending) {
    run([&]() -> task<> {
        cicada::join_handle<void> self;
        bool began = false;
        self = cicada::spawn([&]() -> task<> {
            self.cancel();
            const auto begin = [&](auto) { began = true; };
            co_await asio::async_initiate<const cicada::use_task_t, void()>(begin,
                                                                            cicada::use_task);
        });
        co_await cicada::sleep(1ms);
        EXPECT_TRUE(self.has_ended());
        EXPECT_FALSE(began);
    });
}

TEST_F(asio_operation, that_completes_in_spite_of_a_request_gives_its_value_and_then_the_request) {
    run([&]() -> task<> {
        int value = 0;
        bool went_on = false;
        asio::steady_timer later(context, 3ms);
        auto waiting = cicada::spawn([&]() -> task<> {
            const auto deaf = [&](auto handler) { // knows no cancellation
                later.async_wait([h = std::move(handler)](error_code) mutable {
                    const asio::any_io_executor on = h.get_executor();
                    asio::post(on, [g = std::move(h)]() mutable { g(5); });
                });
            };
            value = co_await asio::async_initiate<const cicada::use_task_t, void(int)>(
                deaf, cicada::use_task);
            co_await cicada::sleep(1h);
            went_on = true;
        });
        co_await cicada::sleep(1ms);
        co_await waiting.cancel();
        EXPECT_EQ(value, 5);
        EXPECT_FALSE(went_on);
    });
}

TEST_F(asio_operation, that_races_with_its_timeout_gives_either_and_never_both) {
    int values = 0;
    int timeouts = 0;
    run([&]() -> task<> {
        const auto begun_at = std::chrono::steady_clock::now() + 1ms;
        const auto one = [&](std::chrono::nanoseconds completes,
                             cicada::duration timeout) -> task<> {
            asio::steady_timer own(context, begun_at + completes);
            bool failed = false;
            try {
                co_await cicada::with_timeout(timeout, own.async_wait(cicada::use_task));
                ++values;
            } catch (const cicada::timeout_error&) {
                failed = true;
                ++timeouts;
            }
            co_await cicada::yield(); // no request is left behind
            EXPECT_TRUE(failed || own.expiry() <= std::chrono::steady_clock::now());
        };
        co_await cicada::with_scope([&](cicada::scope& all) -> task<> {
            for (int i = 0; i < 500; ++i) all.spawn(one(i * 7919 % 3000 * 1us, 1ms + i * 6us));
            for (int i = 0; i < 50; ++i) all.spawn(one(1h, 1ms + i * 60us)); // and two that do not
            for (int i = 0; i < 50; ++i) all.spawn(one(i * 60us, 1h));
            co_return;
        });
    });
    EXPECT_EQ(values + timeouts, 600);
    EXPECT_GE(values, 50);
    EXPECT_GE(timeouts, 50);
}

TEST_F(asio_operation, that_completes_within_its_beginning_or_its_cancellation_is_taken_in) {
    run([&]() -> task<> {
        co_await asio::dispatch(cicada::use_task);
        bool cancelled = false;
        auto waiting = cicada::spawn([&]() -> task<> {
            const auto eager = [](auto handler) {
                auto slot = asio::get_associated_cancellation_slot(handler);
                slot.assign([h = std::move(handler)](asio::cancellation_type) mutable {
                    auto local = std::move(h);
                    local(error_code(asio::error::operation_aborted));
                });
            };
            try {
                co_await asio::async_initiate<const cicada::use_task_t, void(error_code)>(
                    eager, cicada::use_task);
            } catch (const cicada::cancelled&) {
                cancelled = true;
            }
        });
        co_await cicada::sleep(1ms);
        co_await waiting.cancel();
        EXPECT_TRUE(cancelled);
    });
}

TEST_F(asio_operation, whose_handler_is_dropped_was_aborted) {
    run([&]() -> task<> {
        const auto careless = [](auto) {};
        bool thrown = false;
        try {
            co_await asio::async_initiate<const cicada::use_task_t, void()>(careless,
                                                                            cicada::use_task);
        } catch (const boost::system::system_error& e) {
            thrown = e.code() == asio::error::operation_aborted;
        }
        EXPECT_TRUE(thrown);
    });
}

/// Its n-th move throws.
struct fragile {
    fragile() = default;
    fragile(fragile&&) {
        if (moves_left > 0 && --moves_left == 0) throw std::runtime_error("it broke");
    }
    static inline std::atomic<int> moves_left = 0;
};

TEST_F(asio_operation, whose_value_cannot_be_moved_ends_all_the_same) {
    for (const bool elsewhere : {false, true}) {
        for (int moves = 1; moves <= 6; ++moves) {
            std::thread other;
            const auto begin = [&](auto handler) {
                auto complete = [&, handler = std::move(handler)]() mutable {
                    fragile value;
                    fragile::moves_left = moves;
                    try {
                        std::move(handler)(std::move(value));
                    } catch (const std::runtime_error&) {
                    }
                    fragile::moves_left = 0;
                };
                if (elsewhere) {
                    other = std::thread(std::move(complete));
                } else {
                    asio::post(context, std::move(complete));
                }
            };
            run([&]() -> task<> {
                try {
                    static_cast<void>(
                        co_await asio::async_initiate<const cicada::use_task_t, void(fragile)>(
                            begin, cicada::use_task));
                } catch (const std::runtime_error& e) {
                    EXPECT_TRUE(std::string(e.what()) == "it broke" ||
                                std::string(e.what()).find("cancel") != std::string::npos)
                        << e.what(); // the first: at home; the second: the handler was dropped
                }
            });
            if (other.joinable()) other.join();
            context.restart();
        }
    }
}

TEST_F(asio_operation, that_finds_out_names_gives_what_asio_gives) {
    run([&]() -> task<> {
        tcp::resolver resolver(context);
        const auto found = co_await resolver.async_resolve(
            "127.0.0.1", "80", tcp::resolver::numeric_host, cicada::use_task);
        EXPECT_EQ(found.begin()->endpoint().port(), 80);
    });
}

TEST_F(asio_operation, that_cannot_begin_throws) {
    run([&]() -> task<> {
        const auto impossible = [](auto) { throw std::runtime_error("cannot begin"); };
        bool thrown = false;
        try {
            co_await asio::async_initiate<const cicada::use_task_t, void()>(impossible,
                                                                            cicada::use_task);
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        co_await cicada::sleep(1ms);
    });
}

TEST_F(asio_operation, of_an_awaitable_gives_its_value_and_its_error) {
    run([&]() -> task<> {
        const auto give = [](int n) -> asio::awaitable<int> {
            if (n < 0) throw std::out_of_range("negative");
            co_return n;
        };
        EXPECT_EQ(co_await asio::co_spawn(context, give(3), cicada::use_task), 3);
        bool thrown = false;
        try {
            co_await asio::co_spawn(context, give(-1), cicada::use_task);
        } catch (const std::out_of_range&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        bool timed_out = false;
        const auto endless = [&]() -> asio::awaitable<void> {
            timer.expires_after(1h);
            co_await timer.async_wait(asio::use_awaitable);
        };
        try {
            co_await cicada::with_timeout(1ms,
                                          asio::co_spawn(context, endless(), cicada::use_task));
        } catch (const cicada::timeout_error&) {
            timed_out = true;
        }
        EXPECT_TRUE(timed_out) << "the awaitable's own system_error says that it was aborted";
    });
}

TEST_F(asio_operation, needs_a_loop_of_an_asio_host) {
    cicada::simulation sim;
    bool thrown = false;
    sim.run([](bool& refused) -> task<> {
        try {
            co_await asio::post(cicada::use_task);
        } catch (const std::logic_error&) {
            refused = true;
        }
    }(thrown));
    EXPECT_TRUE(thrown);
}

TEST_F(asio_operation, that_outlives_its_host_ends_unheard) {
    bool cleaned_up = false;
    timer.expires_after(1h);
    cicada::spawn(host.get(), [&]() -> task<> {
        try {
            co_await timer.async_wait(cicada::use_task);
        } catch (const cicada::cancelled&) {
            cleaned_up = true;
        }
    }).detach();
    context.poll();
    host_.reset(); // asks for cancel, but cannot wait for what Asio owns
    EXPECT_FALSE(cleaned_up);
    context.run();
}

} // namespace
