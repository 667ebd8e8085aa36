// An echo server and its clients on Boost.Asio: connections end when they are idle, a line of
// statistics comes periodically, and a signal shuts everything down gracefully.
#include <cicada/cicada.hpp>
#include <cicada/hosts/asio.hpp>

#include <boost/asio.hpp>
#include <csignal>
#include <cstdio>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

struct statistics {
    int connections = 0;
    int lines = 0;
};

cicada::task<> echo(tcp::socket peer, statistics& counted) {
    ++counted.connections;
    std::string text;
    try {
        for (;;) {
            auto line =
                asio::async_read_until(peer, asio::dynamic_buffer(text), '\n', cicada::use_task);
            const std::size_t n = co_await cicada::with_timeout(100ms, std::move(line));
            co_await asio::async_write(peer, asio::buffer(text, n), cicada::use_task);
            text.erase(0, n);
            ++counted.lines;
        }
    } catch (const cicada::timeout_error&) {
        std::puts("an idle connection was closed");
    } catch (const boost::system::system_error&) { // the client has gone
    }
}

cicada::task<> serve(tcp::acceptor& acceptor, statistics& counted) {
    co_await cicada::with_scope([&](cicada::scope& connections) -> cicada::task<> {
        for (;;) connections.spawn(echo(co_await acceptor.async_accept(cicada::use_task), counted));
    });
}

cicada::task<> talk(asio::io_context& context, tcp::endpoint server) {
    tcp::socket socket(context);
    co_await socket.async_connect(server, cicada::use_task);
    for (const std::string line : {"hello\n", "again\n"}) {
        co_await asio::async_write(socket, asio::buffer(line), cicada::use_task);
        std::string reply(line.size(), '\0');
        co_await asio::async_read(socket, asio::buffer(reply), cicada::use_task);
        std::printf("the server says %s", reply.c_str());
    }
    char byte = 0; // and now nothing, until the server has had enough
    co_await socket.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(cicada::use_task));
}

cicada::task<> program(asio::io_context& context, cicada::asio_host& host) {
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    statistics counted;
    auto server = cicada::spawn(serve(acceptor, counted));
    auto report = cicada::every(80ms, {.first = cicada::first::after_period}, [&] {
        std::printf("%d connection, %d lines\n", counted.connections, counted.lines);
    });
    auto client = cicada::spawn(talk(context, acceptor.local_endpoint()));
    auto ctrl_c = cicada::after(150ms, [] { std::raise(SIGTERM); }); // stands for you
    asio::signal_set signals(context, SIGINT, SIGTERM);
    co_await signals.async_wait(cicada::use_task);
    std::puts("shutting down");
    co_await report.cancel();
    co_await server.cancel(); // with all its connections
    std::puts("done");
    host.close();
}

int main() {
    asio::io_context context;
    cicada::asio_host host(context);
    cicada::spawn(host.get(), program(context, host)).detach();
    context.run();
}
