#include "terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cicada::app {

namespace {

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

terminal of(int file) {
    terminal t;
    const char* kind = std::getenv("TERM");
    const bool is_dumb = kind != nullptr && std::string_view(kind) == "dumb";
    const bool is_terminal = isatty(file) == 1;
    t.has_colours = is_terminal && !is_dumb && !is_set("NO_COLOR");
    t.is_utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    winsize size{};
    if (is_terminal && ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        t.columns = size.ws_col;
    }
    return t;
}

} // namespace

terminal terminal::standard_output() { return of(STDOUT_FILENO); }
terminal terminal::standard_error() { return of(STDERR_FILENO); }

void output::write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) throw failed{errno};
}

void output::flush() {
    if (std::fflush(stdout) != 0) throw failed{errno};
}

} // namespace cicada::app
