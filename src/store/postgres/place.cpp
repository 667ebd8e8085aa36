#include <store/postgres/place.hpp>

#include <map>

#include <cicada/base/owned.hpp>
#include <cicada/store/errors.hpp>
#include <libpq-fe.h>

namespace cicada::detail {

namespace {

void free_options(PQconninfoOption* options) noexcept { PQconninfoFree(options); }

} // namespace

std::string place_of(const std::string& url) {
    char* message = nullptr;
    const owned<PQconninfoOption, free_options> options(PQconninfoParse(url.c_str(), &message));
    if (!options) {
        std::string why = message ? message : "out of memory";
        PQfreemem(message);
        while (!why.empty() && why.back() == '\n') why.pop_back();
        // It may hold a password, and is not to be shown as it is.
        throw store_error(store_fault::bad_url, url.substr(0, url.find(':')),
                          "is not a URL of PostgreSQL (" + why + ")",
                          "write \"postgresql://USER@HOST:PORT/DATABASE\"");
    }
    std::map<std::string, std::string> given;
    for (const PQconninfoOption* one = options.get(); one->keyword; ++one)
        if (one->val) given[one->keyword] = one->val;
    std::string text("postgresql://");
    if (given.contains("user")) text.append(given["user"]).append("@");
    const std::string hosts = given.contains("host") ? given["host"] : given["hostaddr"];
    text += hosts;
    if (given.contains("port")) text.append(":").append(given["port"]);
    if (given.contains("dbname")) text.append("/").append(given["dbname"]);
    return text;
}

} // namespace cicada::detail
