#include <store/postgres/place.hpp>

#include <algorithm>
#include <map>
#include <string_view>

#include <cicada/base/owned.hpp>
#include <cicada/store/errors.hpp>
#include <libpq-fe.h>

namespace cicada::detail {

namespace {

constexpr std::string_view how_to = "write \"postgresql://USER@HOST:PORT/DATABASE\"";

/// The first of a list that commas separate, and takes it away.
std::string_view take_first(std::string_view& list) {
    const std::string_view first = list.substr(0, list.find(','));
    list.remove_prefix(std::min(first.size() + 1, list.size()));
    return first;
}

/// "db1:5432,db2:5433". One port may be that of all hosts.
std::string hosts_and_ports(std::string_view hosts, std::string_view ports) {
    const bool is_of_all = ports.find(',') == std::string_view::npos;
    std::string text;
    do {
        if (!text.empty()) text += ',';
        text += take_first(hosts);
        const std::string_view port = is_of_all ? ports : take_first(ports);
        if (!port.empty()) text.append(":").append(port);
    } while (!hosts.empty());
    return text;
}

void free_options(PQconninfoOption* options) noexcept { PQconninfoFree(options); }

/// It may hold a password, and is not to be shown as it is.
[[noreturn]] void refuse(const std::string& what, std::string_view mended_by) {
    throw store_error(store_fault::bad_url, "postgresql:", what, mended_by);
}

/// libpq ends a password at its first "@" or "/", and takes the rest of it for a host, a port or a
/// database, which are shown.
void refuse_what_may_show_a_password(std::string_view url) {
    if (url.find('\0') != std::string_view::npos)
        refuse("is not a URL of PostgreSQL (it goes on after a NUL)", how_to);
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
        refuse("is not a URL of PostgreSQL (there is no \"//\")", how_to);
    url.remove_prefix(url.find("//") + 2);
    const std::size_t end = url.find_first_of("@/");
    if (end != std::string_view::npos && url[end] == '@') url.remove_prefix(end + 1);
    if (url.substr(0, url.find('?')).find('@') == std::string_view::npos) return;
    refuse("is not a URL of PostgreSQL (there is a \"@\" too many)",
           "write \"@\", \"/\" and \":\" of a password as %40, %2F and %3A");
}

} // namespace

std::string place_of(const std::string& url) {
    refuse_what_may_show_a_password(url);
    char* message = nullptr;
    const owned<PQconninfoOption, free_options> options(PQconninfoParse(url.c_str(), &message));
    if (!options) {
        std::string why = message ? message : "out of memory";
        PQfreemem(message);
        // What comes then is of the URL, perhaps of a password.
        refuse("is not a URL of PostgreSQL (" + why.substr(0, why.find(": \"")) + ")", how_to);
    }
    std::map<std::string, std::string> given;
    for (const PQconninfoOption* one = options.get(); one->keyword; ++one)
        if (one->val) given[one->keyword] = one->val;
    std::string text("postgresql://");
    if (given.contains("user")) text.append(given["user"]).append("@");
    text +=
        hosts_and_ports(given.contains("host") ? given["host"] : given["hostaddr"], given["port"]);
    if (given.contains("dbname")) text.append("/").append(given["dbname"]);
    return text;
}

} // namespace cicada::detail
