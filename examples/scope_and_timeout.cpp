// A scope ends when all its children have ended, and an error of one cancels the others. A timeout
// cancels what takes too long.
#include <cicada/cicada.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

cicada::task<> fetch(std::string page, cicada::duration time) {
    if (page == "news") throw std::runtime_error("404");
    try {
        co_await cicada::sleep(time);
        std::printf("fetched %s\n", page.c_str());
    } catch (const cicada::cancelled&) {
        std::printf("gave up on %s\n", page.c_str());
        throw;
    }
}

cicada::task<> fetch_all(bool with_news) {
    co_await cicada::with_scope([=](cicada::scope& pages) -> cicada::task<> {
        pages.spawn(fetch("home", 10ms));
        pages.spawn(fetch("weather", 20ms));
        if (with_news) pages.spawn(fetch("news", 5ms));
        co_return;
    });
    std::puts("all pages are here");
}

cicada::task<> program() {
    co_await fetch_all(false);
    try {
        co_await fetch_all(true);
    } catch (const std::runtime_error& e) {
        std::printf("failed: %s\n", e.what());
    }
    try {
        co_await cicada::with_timeout(10ms, fetch("archive", 1h));
    } catch (const cicada::timeout_error&) {
        std::puts("the archive took too long");
    }
}

int main() { cicada::run(program()); }
