#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "command_line.hpp"
#include "problem.hpp"

namespace {

int run(int argc, const char* const* argv) {
    using namespace cicada::app;
    output out;
    try {
        command_line line;
        const int status = line.run(argc, argv, std::chrono::system_clock::now(), out);
        out.flush();
        return status;
    } catch (const bad_input& e) {
        for (const problem& p : e.problems()) {
            std::fputs(format(p, terminal::standard_error().has_colours).c_str(), stderr);
        }
        return 2;
    } catch (const output::failed& e) {
        // Whoever closed the pipe has seen enough.
        if (e.error != EPIPE)
            std::fprintf(stderr, "cicada: cannot write: %s\n", std::strerror(e.error));
        return 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "cicada: %s\n", e.what());
        return 1;
    }
}

} // namespace

int main(int argc, char** argv) {
    std::setlocale(LC_CTYPE, "");
    std::signal(SIGPIPE, SIG_IGN);
    return run(argc, argv);
}
