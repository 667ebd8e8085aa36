#include <jobs/store_url.hpp>

#include <vector>

#include <schedule/nearest.hpp>

namespace cicada::detail {

namespace {

constexpr std::string_view how_to =
    "a store is \"memory:\", \"sqlite:FILE\" or \"postgresql://HOST/DATABASE\"";

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

/// `did you mean sqlite?`, or else what there is.
std::string mend(std::string_view wrong, const std::vector<std::string>& names,
                 std::string_view what_there_is) {
    std::string text = did_you_mean(wrong, names);
    return text.empty() ? std::string(what_there_is) : text;
}

class url_reader {
public:
    explicit url_reader(const std::string& url) : url_(url) {}

    store_url read() const {
        const std::size_t colon = url_.find(':');
        if (colon == std::string::npos) refuse("has no scheme", how_to);
        const std::string_view scheme = std::string_view(url_).substr(0, colon);
        const std::string_view rest = std::string_view(url_).substr(colon + 1);
        if (scheme == "sqlite") return sqlite(rest);
        if (scheme == "memory") {
            if (!rest.empty()) refuse("names more than memory", "write \"memory:\"");
            return {};
        }
        if (scheme == "postgresql" || scheme == "postgres") return postgres();
        refuse("has an unknown scheme, " + quoted(scheme),
               mend(scheme, {"memory", "sqlite", "postgresql"}, how_to));
    }

private:
    [[noreturn]] void refuse(const std::string& what, std::string_view mended_by) const {
        std::string shown = url_.substr(0, url_.find('\0')); // what() would end there
        if (const auto slashes = shown.find("://");
            slashes != std::string::npos && shown.find('@') != std::string::npos)
            shown.resize(slashes + 1); // it may hold a password
        throw store_error(store_fault::bad_url, std::move(shown), what, mended_by);
    }

    store_url sqlite(std::string_view rest) const {
        const std::size_t question = rest.find('?');
        const std::string_view file = rest.substr(0, question);
        if (file.empty()) refuse("names no file", "write \"sqlite:jobs.db\"");
        if (file.substr(0, 2) == "//")
            refuse("begins its file with \"//\"", "write \"sqlite:/var/lib/jobs.db\"");
        if (file.find('\0') != std::string_view::npos)
            refuse("goes on after a NUL", "no file can have such a name");
        store_url made{.which = store_url::kind::sqlite, .file = std::string(file)};
        if (question == std::string_view::npos) return made;
        for (std::string_view options = rest.substr(question + 1);;) {
            const std::size_t end = options.find('&');
            set(options.substr(0, end), made);
            if (end == std::string_view::npos) return made;
            options.remove_prefix(end + 1);
        }
    }

    /// All options are libpq's, but for one.
    store_url postgres() const {
        store_url made{.which = store_url::kind::postgres};
        const std::size_t question = url_.find('?');
        made.postgres = url_.substr(0, question);
        if (question == std::string::npos) return made;
        char before = '?';
        for (std::string_view options = std::string_view(url_).substr(question + 1);;) {
            const std::size_t end = options.find('&');
            const std::string_view option = options.substr(0, end);
            if (option.substr(0, 8) == "migrate=") {
                made.migrates = migrates(option.substr(8));
            } else {
                made.postgres += before;
                made.postgres += option;
                before = '&';
            }
            if (end == std::string_view::npos) return made;
            options.remove_prefix(end + 1);
        }
    }

    bool migrates(std::string_view value) const {
        if (value == "auto" || value == "check") return value == "auto";
        // It may hold a password.
        throw store_error(store_fault::bad_url,
                          "postgresql:", "says of migrations " + quoted(value),
                          mend(value, {"auto", "check"}, "it is auto (default) or check"));
    }

    void set(std::string_view option, store_url& made) const {
        const std::size_t equals = option.find('=');
        const std::string_view name = option.substr(0, equals);
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1);
        if (name == "durability") {
            made.durability = durability(value);
        } else if (name == "network") {
            made.network = network(value);
        } else {
            refuse("has an unknown option, " + quoted(name),
                   mend(name, {"durability", "network"}, "there are durability and network"));
        }
    }

    sqlite_durability durability(std::string_view value) const {
        if (value == "power_loss") return sqlite_durability::power_loss;
        if (value == "process_crash") return sqlite_durability::process_crash;
        refuse("has no such durability, " + quoted(value),
               mend(value, {"power_loss", "process_crash"},
                    "it is power_loss (default) or process_crash"));
    }

    sqlite_network network(std::string_view value) const {
        if (value == "refused") return sqlite_network::refused;
        if (value == "allowed") return sqlite_network::allowed;
        refuse("says of a network file system " + quoted(value),
               mend(value, {"refused", "allowed"}, "it is refused (default) or allowed"));
    }

    const std::string& url_;
};

} // namespace

store_url parse_store_url(const std::string& url) { return url_reader(url).read(); }

} // namespace cicada::detail
