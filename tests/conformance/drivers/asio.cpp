#include <conformance/conformance.hpp>

#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cicada/hosts/asio.hpp>

namespace conformance_of {
namespace {

namespace asio = boost::asio;

const registered one_thread({"asio", [](cicada::loop_options options, auto start, void* program) {
                                 asio::io_context context(1);
                                 cicada::asio_host host(context, {.loop = std::move(options)});
                                 start(host.get(), program);
                                 context.run(); // ends of itself when nothing is left
                                 EXPECT_TRUE(host.get().is_drained());
                             }});

const registered strand({"asio_strand",
                         [](cicada::loop_options options, auto start, void* program) {
                             asio::io_context context;
                             cicada::asio_host host(asio::make_strand(context),
                                                    {.loop = std::move(options)});
                             start(host.get(), program);
                             std::vector<std::thread> threads;
                             for (int i = 0; i < 3; ++i)
                                 threads.emplace_back([&] { context.run(); });
                             for (auto& t : threads) t.join();
                             EXPECT_TRUE(host.get().is_drained());
                         }});

const registered pool({"asio_pool", [](cicada::loop_options options, auto start, void* program) {
                           asio::thread_pool threads(2);
                           cicada::asio_host host(asio::make_strand(threads),
                                                  {.loop = std::move(options)});
                           start(host.get(), program);
                           threads.join();
                           EXPECT_TRUE(host.get().is_drained());
                       }});

} // namespace
} // namespace conformance_of
