#include <support/postgres_proxy.hpp>

#include <array>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace support {

namespace {

using kind = proxy_deed::kind;

constexpr std::uint32_t asks_for_tls = 80877103;
constexpr std::uint32_t asks_for_gss = 80877104;

class file {
public:
    file() = default;
    explicit file(int fd) : fd_(fd) {}
    file(file&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
    file& operator=(file&& from) noexcept {
        std::swap(fd_, from.fd_);
        return *this;
    }
    ~file() {
        if (fd_ >= 0) ::close(fd_);
    }
    int fd() const noexcept { return fd_; }

private:
    int fd_ = -1;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

file new_socket() {
    file made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (made.fd() < 0) throw std::runtime_error("no socket");
    return made;
}

void be_quick(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

std::uint32_t number_at(const std::string& text, std::size_t at) {
    std::uint32_t made = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        made = made << 8 | static_cast<unsigned char>(text[i]);
    return made;
}

std::string message(char type, const std::string& body) {
    const auto size = static_cast<std::uint32_t>(body.size() + 4);
    std::string made(1, type);
    for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>(size >> shift & 0xff);
    return made + body;
}

std::string field(char which, const std::string& text) { return which + text + '\0'; }

std::string fatal(const proxy_deed& as) {
    return message('E', field('S', "FATAL") + field('V', "FATAL") + field('C', as.sqlstate) +
                            field('M', as.message) + '\0');
}

std::string raising(const std::string& sqlstate) {
    return message('Q', "DO $$BEGIN RAISE EXCEPTION 'as it was asked' USING ERRCODE = '" +
                            sqlstate + "'; END$$" + '\0');
}

/// Of a NoticeResponse.
std::string notice_of(const std::string& body) {
    for (std::size_t at = 0; at < body.size() && body[at] != '\0';) {
        const std::size_t end = body.find('\0', at);
        if (body[at] == 'M') return body.substr(at + 1, end - at - 1);
        at = end + 1;
    }
    return "";
}

/// Reads what there is. False: the other side is gone.
bool fill(int from, std::string& to) {
    std::array<char, 65536> some;
    for (;;) {
        const ssize_t got = ::recv(from, some.data(), some.size(), 0);
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        if (got == 0) return false;
        to.append(some.data(), static_cast<std::size_t>(got));
    }
}

bool empty_into(int to, std::string& from) {
    while (!from.empty()) {
        const ssize_t sent = ::send(to, from.data(), from.size(), MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        from.erase(0, static_cast<std::size_t>(sent));
    }
    return true;
}

struct connection {
    file client;
    file server = {};
    std::string from_client = {};
    std::string to_client = {};
    std::string from_server = {};
    std::string to_server = {};
    std::string group = {}; // of messages, until their Sync
    std::string sql = {};
    std::map<std::string, std::string> prepared = {}; // by name
    kind under_way = kind::forward;
    bool is_silent = false;
    bool ends = false; // once all is sent
    bool is_over = false;
};

} // namespace

struct postgres_proxy::state {
    explicit state(const std::string& to);
    ~state();

    proxy_deed decide(const std::string& sql);
    void turn();
    void ask(connection& one, std::string what);
    void hear_client(connection& one);
    void hear_server(connection& one);
    bool next_of_client(connection& one);
    bool begin(connection& one);

    std::string before, after; // of the URL
    std::uint16_t server_port = 0;
    std::uint16_t port = 0;
    file listening = new_socket();
    std::array<file, 2> wakes;
    std::list<connection> all;
    std::atomic<bool> is_over = false;
    std::atomic<bool> cuts = false;
    std::atomic<int> connections = 0;
    std::mutex mutex;
    rule_function rule;
    std::vector<std::string> notices;
    std::thread works;
};

postgres_proxy::state::state(const std::string& to) {
    const std::size_t host = to.find('@') + 1;
    const std::size_t colon = to.find(':', host);
    const std::size_t path = to.find('/', host);
    before = to.substr(0, colon + 1);
    after = to.substr(path);
    server_port = static_cast<std::uint16_t>(std::stoi(to.substr(colon + 1, path - colon - 1)));

    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listening.fd(), address, size) != 0 || ::listen(listening.fd(), 64) != 0 ||
        ::getsockname(listening.fd(), address, &size) != 0)
        throw std::runtime_error("no port");
    port = ntohs(at.sin_port);
    be_quick(listening.fd());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    wakes = {file(ends[0]), file(ends[1])};
    works = std::thread([this] {
        while (!is_over) turn();
    });
}

postgres_proxy::state::~state() {
    is_over = true;
    (void)!::write(wakes[1].fd(), "", 1);
    works.join();
}

proxy_deed postgres_proxy::state::decide(const std::string& sql) {
    const std::lock_guard lock(mutex);
    return rule ? rule(sql) : proxy_deed();
}

/// One request, whole.
void postgres_proxy::state::ask(connection& one, std::string what) {
    const proxy_deed deed = decide(one.sql);
    one.under_way = deed.is;
    switch (deed.is) {
    case kind::swallow:
        one.is_silent = true;
        [[fallthrough]];
    case kind::forward:
    case kind::cut_after:
        one.to_server += what;
        break;
    case kind::cut_before:
        one.is_over = true;
        break;
    case kind::ignore:
        one.is_silent = true;
        break;
    case kind::raise:
        one.to_server += raising(deed.sqlstate);
        break;
    case kind::fail:
        one.to_client += fatal(deed);
        one.ends = true;
        break;
    }
}

/// What comes first. False: it is not all there.
bool postgres_proxy::state::begin(connection& one) {
    if (one.from_client.size() < 8) return false;
    const std::uint32_t size = number_at(one.from_client, 0);
    if (one.from_client.size() < size) return false;
    const std::uint32_t code = number_at(one.from_client, 4);
    std::string what = one.from_client.substr(0, size);
    one.from_client.erase(0, size);
    if (code == asks_for_tls || code == asks_for_gss) {
        one.to_client += 'N';
        return true;
    }
    ++connections;
    one.server = new_socket();
    sockaddr_in at = loopback(server_port);
    if (::connect(one.server.fd(), reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
        one.is_over = true;
        return false;
    }
    be_quick(one.server.fd());
    one.sql = "connect";
    ask(one, std::move(what));
    return true;
}

bool postgres_proxy::state::next_of_client(connection& one) {
    if (one.is_over || one.ends) return false;
    if (one.server.fd() < 0) return begin(one);
    std::string& from = one.from_client;
    if (from.size() < 5 || from.size() < number_at(from, 1) + std::size_t{1}) return false;
    std::string what = from.substr(0, number_at(from, 1) + std::size_t{1});
    from.erase(0, what.size());
    const char type = what[0];
    if (type == 'Q') {
        one.sql = what.substr(5, what.size() - 6);
        ask(one, std::move(what));
    } else if (type == 'X' || type == 'p') {
        one.to_server += what;
    } else {
        if (type == 'P') {
            const std::string name = what.c_str() + 5;
            one.sql = one.prepared[name] = what.c_str() + 5 + name.size() + 1;
        } else if (type == 'B') {
            const std::size_t statement = what.find('\0', 5) + 1; // after the portal
            one.sql = one.prepared[what.c_str() + statement];
        }
        one.group += what;
        if (type == 'S') ask(one, std::exchange(one.group, {}));
    }
    return true;
}

void postgres_proxy::state::hear_client(connection& one) {
    if (!fill(one.client.fd(), one.from_client)) one.is_over = true;
    while (next_of_client(one)) {
    }
}

void postgres_proxy::state::hear_server(connection& one) {
    if (!fill(one.server.fd(), one.from_server)) one.ends = true;
    std::string& from = one.from_server;
    while (from.size() >= 5 && from.size() >= number_at(from, 1) + std::size_t{1}) {
        const std::string what = from.substr(0, number_at(from, 1) + std::size_t{1});
        from.erase(0, what.size());
        if (what[0] == 'N') {
            const std::lock_guard lock(mutex);
            notices.push_back(notice_of(what.substr(5)));
        }
        if (one.under_way == kind::cut_after) {
            one.is_over = one.is_over || what[0] == 'Z';
        } else if (!one.is_silent) {
            one.to_client += what;
        }
    }
}

void postgres_proxy::state::turn() {
    std::vector<pollfd> waits = {{listening.fd(), POLLIN, 0}, {wakes[0].fd(), POLLIN, 0}};
    for (const connection& one : all) {
        waits.push_back({one.client.fd(),
                         static_cast<short>(one.to_client.empty() ? POLLIN : POLLIN | POLLOUT), 0});
        waits.push_back({one.server.fd(),
                         static_cast<short>(one.to_server.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    }
    if (::poll(waits.data(), waits.size(), -1) < 0) return;
    if (waits[1].revents != 0) {
        char some[64];
        (void)!::read(wakes[0].fd(), some, sizeof some);
    }
    std::size_t i = 2;
    for (connection& one : all) {
        if (waits[i].revents != 0) hear_client(one);
        if (waits[i + 1].revents != 0 && one.server.fd() >= 0) hear_server(one);
        i += 2;
        if (!empty_into(one.client.fd(), one.to_client)) one.is_over = true;
        if (one.server.fd() >= 0 && !empty_into(one.server.fd(), one.to_server)) one.ends = true;
        if (one.ends && one.to_client.empty()) one.is_over = true;
    }
    const bool cuts_all = cuts.exchange(false);
    all.remove_if([&](const connection& one) { return one.is_over || cuts_all; });
    if (waits[0].revents != 0) {
        file client(::accept4(listening.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        if (client.fd() < 0) return;
        be_quick(client.fd());
        all.push_back({.client = std::move(client)});
    }
}

postgres_proxy::postgres_proxy(const std::string& to) : state_(std::make_unique<state>(to)) {}
postgres_proxy::~postgres_proxy() = default;

std::string postgres_proxy::url() const {
    return state_->before + std::to_string(state_->port) + state_->after;
}

void postgres_proxy::rule(rule_function which) {
    const std::lock_guard lock(state_->mutex);
    state_->rule = std::move(which);
}

void postgres_proxy::cut() {
    state_->cuts = true;
    (void)!::write(state_->wakes[1].fd(), "", 1);
}

std::vector<std::string> postgres_proxy::take_notices() {
    const std::lock_guard lock(state_->mutex);
    return std::exchange(state_->notices, {});
}

int postgres_proxy::connections() const { return state_->connections; }

} // namespace support
