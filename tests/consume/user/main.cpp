// The five jobs of README in a project that has cicada from elsewhere: a periodic, a calendar,
// work that blocks, a graceful stop on SIGTERM, and a unit test in simulated time.
#include <cicada/cicada.hpp>
#include <cicada/schedule/policy_text.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

using namespace std::chrono_literals;

#ifdef PACKAGE_VERSION
#define TEXT_OF(x) TEXT(x)
#define TEXT(x) #x
static_assert(std::string_view(PACKAGE_VERSION) ==
              TEXT_OF(CICADA_VERSION_MAJOR) "." TEXT_OF(CICADA_VERSION_MINOR) "." TEXT_OF(
                  CICADA_VERSION_PATCH));
#endif

cicada::task<int> compute(); // other.cpp

struct service {
    int flushes = 0;
    int reports = 0;
    std::string packed;
    bool has_cleaned_up = false;

    cicada::task<> serve() {
        auto flush = cicada::every(10ms, {.name = "flush"}, [this] { ++flushes; });
        auto report = cicada::every(cicada::cron("* * * * * *"), {.name = "report"}, [this] {
            ++reports;
            std::raise(SIGTERM);
        });
        packed = co_await cicada::blocking([](std::string text) {
            std::this_thread::sleep_for(30ms);
            return text + " packed";
        })(std::string("database"));
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
            has_cleaned_up = true;
            throw;
        }
    }
};

cicada::task<> simulated(int& ticks, int& answer) {
    auto counter = cicada::every(1s, [&ticks] { ++ticks; });
    auto computed = cicada::spawn(compute());
    co_await cicada::sleep(10s + 500ms);
    co_await counter.cancel();
    answer = co_await computed;
}

void check(bool fact, const char* what) {
    std::printf("%s: %s\n", fact ? "ok" : "FAILED", what);
    if (!fact) std::exit(EXIT_FAILURE);
}

int main() {
    service one;
    cicada::run(one.serve(), {.cancel_on_signal = true});
    check(one.flushes > 1, "a periodic ticks");
    check(one.reports == 1, "a calendar ticks, and not after the end");
    check(one.packed == "database packed", "work that blocks gives its value");
    check(one.has_cleaned_up, "SIGTERM ends it gracefully");

    int ticks = 0;
    int answer = 0;
    {
        cicada::simulation sim{"2026-01-01T00:00:00Z"};
        sim.run(simulated(ticks, answer));
    }
    check(ticks == 11 && answer == 42, "a program in simulated time");
    int reports = 0;
    cicada::simulation sim{"2026-01-01T00:00:00Z"}; // a Thursday
    auto report = cicada::every(cicada::cron("0 7 * * MON-FRI"), [&] { ++reports; });
    sim.advance(24h * 7);
    check(reports == 5, "a week of a calendar in simulated time");

    // What the library instantiates is found, also by a program of another compiler.
    using cicada::overlap;
    check(cicada::parse<overlap>("allow(3)") == overlap(overlap::allow{3}), "a word is read");
    check(cicada::to_text(cicada::missed::burst) == cicada::words_of<cicada::missed>()[1],
          "a word is written");
    std::string name;
    try {
        static_cast<void>(cicada::zone("Atlantis"));
    } catch (const cicada::unknown_zone& e) {
        name = e.name();
    }
    check(name == "Atlantis", "an error of the library is caught");
}
