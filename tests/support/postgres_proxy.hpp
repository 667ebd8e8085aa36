#pragma once

/// Stands between a program and a PostgreSQL server, on the loopback interface: it sees each
/// request, and does with it what the test says.
///
///     support::postgres_proxy between(database.url());
///     pg_store store({.url = between.url()});
///     between.rule([](const std::string& sql) {
///         return sql == "COMMIT" ? proxy_deed::cut_after() : proxy_deed::forward();
///     });
///
/// A request is what is answered as one: a simple query, or what goes before a Sync; its text is
/// that of its statement. A new connection asks for "connect".
///
/// Threads: any; the rule is called on a thread of the proxy's.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace support {

struct proxy_deed {
    enum class kind : std::uint8_t {
        forward,
        cut_before, // the server never hears of it
        cut_after, // the server has done it; the program does not hear that
        swallow, // as that, but the connection stays; nothing is answered on it any more
        ignore, // the server never hears of it, nothing is answered any more
        raise, // in its place the server raises an error with this code
        fail, // in its place an error with this code is answered, and all is cut
    };
    kind is = kind::forward;
    std::string sqlstate = {};
    std::string message = {};

    static proxy_deed forward() { return {}; }
    static proxy_deed cut_before() { return {.is = kind::cut_before}; }
    static proxy_deed cut_after() { return {.is = kind::cut_after}; }
    static proxy_deed swallow() { return {.is = kind::swallow}; }
    static proxy_deed ignore() { return {.is = kind::ignore}; }
    static proxy_deed raise(std::string sqlstate) {
        return {.is = kind::raise, .sqlstate = std::move(sqlstate)};
    }
    static proxy_deed fail(std::string sqlstate, std::string message) {
        return {kind::fail, std::move(sqlstate), std::move(message)};
    }
};

class postgres_proxy {
public:
    using rule_function = std::function<proxy_deed(const std::string& sql)>;

    /// `to`: a URL with host and port, as that of postgres_database.
    explicit postgres_proxy(const std::string& to);
    postgres_proxy(const postgres_proxy&) = delete;
    postgres_proxy& operator=(const postgres_proxy&) = delete;
    ~postgres_proxy();

    std::string url() const;
    /// For requests from here on. None: all are forwarded.
    void rule(rule_function which);
    /// All connections that there are.
    void cut();
    /// What the server has said beside its answers, since this was called last.
    std::vector<std::string> take_notices();
    int connections() const; // that were asked for

private:
    struct state;
    const std::unique_ptr<state> state_;
};

} // namespace support
