#pragma once

/// cicada within Boost.Asio. This header and those that it includes are the only ones that include
/// Asio; the CMake target cicada::asio brings it. Boost 1.81 or later.
///
///     asio::io_context context;
///     cicada::asio_host host(context); // a loop that the context turns
///     cicada::spawn(host.get(), serve(context)).detach();
///     context.run();
///
///     cicada::task<> serve(asio::io_context& context) { // awaits any operation of Asio:
///         tcp::acceptor acceptor(context, {tcp::v4(), 7000});
///         for (;;) {
///             tcp::socket peer = co_await acceptor.async_accept(cicada::use_task);
///             cicada::spawn(echo(std::move(peer))).detach();
///         }
///     }
///     // an awaitable<> awaits a task:
///     co_await host.async_join(std::move(handle), asio::use_awaitable);
///
/// asio/host.hpp      asio_host: a loop on an executor; threads, strands and shutdown
/// asio/use_task.hpp  use_task: the completion token
/// asio/join.hpp      async_join: the other way round

#include <cicada/hosts/asio/host.hpp>
#include <cicada/hosts/asio/join.hpp>
#include <cicada/hosts/asio/use_task.hpp>
