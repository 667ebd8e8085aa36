// Polls an HTTP endpoint with Boost.Beast: every second, with a timeout, and again when it fails.
// The server is in here.
#include <cicada/cicada.hpp>
#include <cicada/hosts/asio.hpp>

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <cstdio>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using namespace std::chrono_literals;

cicada::task<std::string> get(asio::io_context& context, tcp::endpoint server) {
    beast::tcp_stream stream(context);
    co_await stream.async_connect(server, cicada::use_task);
    http::request<http::empty_body> request(http::verb::get, "/status", 11);
    request.set(http::field::host, "localhost");
    co_await http::async_write(stream, request, cicada::use_task);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    co_await http::async_read(stream, buffer, response, cicada::use_task);
    if (response.result() != http::status::ok) throw std::runtime_error("the server is unwell");
    co_return response.body();
}

cicada::task<> poll_status(asio::io_context& context, tcp::endpoint server) {
    for (auto pause = 10ms;; pause *= 2) { // tries again within the tick, later each time
        try {
            const std::string body = co_await cicada::with_timeout(200ms, get(context, server));
            std::printf("status: %s\n", body.c_str());
            co_return;
        } catch (const std::exception& e) {
            std::printf("trying again: %s\n", e.what());
        }
        co_await cicada::sleep(pause);
    }
}

/// Answers the first request with an error, the second not in time, and all others.
cicada::task<> serve(tcp::acceptor& acceptor) {
    for (int count = 1;; ++count) {
        beast::tcp_stream peer(co_await acceptor.async_accept(cicada::use_task));
        beast::flat_buffer buffer;
        http::request<http::empty_body> request;
        co_await http::async_read(peer, buffer, request, cicada::use_task);
        if (count == 2) co_await cicada::sleep(300ms);
        const auto status = count == 1 ? http::status::internal_server_error : http::status::ok;
        http::response<http::string_body> response(status, 11, "well, " + std::to_string(count));
        response.prepare_payload();
        co_await http::async_write(peer, response, asio::as_tuple(cicada::use_task));
    }
}

cicada::task<> program(asio::io_context& context, cicada::asio_host& host) {
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    auto server = cicada::spawn(serve(acceptor));
    auto polling =
        cicada::every(1s, {.times = 3}, poll_status, std::ref(context), acceptor.local_endpoint());
    co_await polling;
    co_await server.cancel();
    host.close();
}

int main() {
    asio::io_context context;
    cicada::asio_host host(context);
    cicada::spawn(host.get(), program(context, host)).detach();
    context.run();
}
