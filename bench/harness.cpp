// Runs the questions: a child process per measurement, rounds interleaved, a table and a JSON file.
#include "harness.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <spawn.h>
#include <stdexcept>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace bench {
namespace {

constexpr int report_fd = 3;
bool is_asked_by_harness = false; // else that descriptor may be any file, and people read
constexpr unsigned give_up_after_s = 120;

struct settings {
    bool quick = false, list = false;
    int rounds = 0, core = -1;
    std::string only, contender, json = "results.json";
    std::vector<std::string> child; // id, point label, contender
} chosen;

std::vector<const question*>& questions() {
    static std::vector<const question*> all;
    return all;
}

using reading = std::vector<metric>;

struct row {
    const contender* who;
    std::vector<reading> rounds;

    bool is(std::string_view prefix) const { return who->name.starts_with(prefix); }
    std::vector<double> values(std::size_t metric) const {
        std::vector<double> v;
        for (const auto& r : rounds)
            if (metric < r.size()) v.push_back(r[metric].value);
        std::sort(v.begin(), v.end());
        return v;
    }
    double median(std::size_t metric = 0) const {
        const auto v = values(metric);
        if (v.empty()) return 0;
        return v.size() % 2 ? v[v.size() / 2] : (v[v.size() / 2 - 1] + v[v.size() / 2]) / 2;
    }
};

std::string figure(double v) {
    char text[32];
    const double size = v < 0 ? -v : v;
    std::snprintf(text, sizeof text,
                  size >= 1e6   ? "%.3g"
                  : size >= 100 ? "%.0f"
                  : size >= 10  ? "%.1f"
                                : "%.2f",
                  v);
    return text;
}

bool wanted(const question& q) {
    return chosen.only.empty() || q.id == chosen.only || q.id.starts_with(chosen.only + ".");
}

/// Runs this program again as a child that measures one contender at one point.
std::optional<reading> measure(const question& q, const point& at, const contender& who) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("bench: pipe failed");
    std::vector<std::string> words{
        "bench", "--child", q.id, at.label, who.name, "--core", std::to_string(chosen.core)};
    if (chosen.quick) words.emplace_back("--quick");
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], report_fd);
    pid_t child = 0;
    const int failed =
        posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed) throw std::runtime_error("bench: spawn failed");

    reading got;
    metric m{};
    while (read(ends[0], &m, sizeof m) == sizeof m) got.push_back(m);
    for (auto& first : got)
        if (first.name == q.metric) std::swap(first, got.front());
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0 || got.empty()) return std::nullopt;
    return got;
}

[[noreturn]] void run_child() {
    is_asked_by_harness = fcntl(report_fd, F_GETFD) != -1;
    for (const auto* q : questions()) {
        if (q->id != chosen.child[0]) continue;
        for (const auto& at : q->points)
            for (const auto& who : q->contenders)
                if (at.label == chosen.child[1] && who.name == chosen.child[2]) {
                    pin(chosen.core);
                    alarm(give_up_after_s);
                    who.run(at);
                }
    }
    std::exit(2);
}

void print(const question& q, const point& at, const std::vector<row>& rows, double limit,
           double best_peer) {
    std::printf("\n%s  %s   %s%s%s   goal: %s\n", q.id.c_str(), at.label.c_str(), q.unit.c_str(),
                q.unit.empty() ? "" : ", ",
                q.better == better_is::lower ? "less is better" : "more is better", q.goal.c_str());
    std::printf("    %-18s %10s %21s %8s %8s   %s\n", "", "median", "range", "x limit", "x peer",
                "also");
    for (const auto& r : rows) {
        if (r.rounds.empty()) {
            std::printf("    %-18s %10s\n", r.who->name.c_str(), "failed");
            continue;
        }
        const auto v = r.values(0);
        std::string also;
        for (std::size_t m = 1; m < r.rounds[0].size(); ++m)
            also += std::string(r.rounds[0][m].name) + " " + figure(r.median(m)) + "  ";
        const auto ratio = [&](double to) {
            return to > 0 ? figure(r.median() / to) : std::string("-");
        };
        std::printf("    %-18s %10s %10s..%-9s %8s %8s   %s\n", r.who->name.c_str(),
                    figure(r.median()).c_str(), figure(v.front()).c_str(), figure(v.back()).c_str(),
                    ratio(limit).c_str(), ratio(best_peer).c_str(), also.c_str());
    }
    std::fflush(stdout);
}

nlohmann::json ask(const question& q, const point& at) {
    std::vector<row> rows;
    for (const auto& who : q.contenders)
        if (at.n <= who.max_n && (chosen.contender.empty() || who.name == chosen.contender))
            rows.push_back({&who, {}});
    for (int round = 0; round < std::min(chosen.rounds, at.most_rounds); ++round)
        for (auto& r : rows)
            if (auto got = measure(q, at, *r.who)) r.rounds.push_back(std::move(*got));

    double limit = 0, best_peer = 0;
    for (const auto& r : rows) {
        if (r.rounds.empty() || r.is("cicada")) continue;
        if (r.is("limit")) {
            if (limit == 0) limit = r.median();
        } else if (best_peer == 0 || (q.better == better_is::lower) == (r.median() < best_peer)) {
            best_peer = r.median();
        }
    }
    print(q, at, rows, limit, best_peer);

    auto out = nlohmann::json::array();
    for (const auto& r : rows) {
        nlohmann::json j{{"question", q.id}, {"point", at.label},     {"contender", r.who->name},
                         {"unit", q.unit},   {"rounds", r.values(0)}, {"goal", q.goal}};
        if (!r.rounds.empty()) {
            j["median"] = r.median();
            if (limit > 0) j["to_limit"] = r.median() / limit;
            if (best_peer > 0) j["to_best_peer"] = r.median() / best_peer;
            for (std::size_t m = 0; m < r.rounds[0].size(); ++m)
                j["metrics"][r.rounds[0][m].name] = r.median(m);
        }
        out.push_back(std::move(j));
    }
    return out;
}

void append(nlohmann::json rows) {
    auto all = nlohmann::json::array();
    if (std::ifstream in{chosen.json}) {
        auto old = nlohmann::json::parse(in, nullptr, false);
        if (old.is_array()) all = std::move(old);
    }
    char when[32];
    const auto now = std::time(nullptr);
    std::strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
    all.push_back({{"at", when},
                   {"mode", chosen.quick ? "quick" : "full"},
                   {"rounds", chosen.rounds},
                   {"compiler", __VERSION__},
                   {"cores", cores()},
                   {"rows", std::move(rows)}});
    std::ofstream{chosen.json} << all.dump(1) << '\n';
}

[[noreturn]] void usage(int code) {
    std::puts("bench [--quick] [--only ID] [--contender NAME] [--rounds N] [--core N] [--json "
              "FILE] [--list]\n"
              "bench --child ID POINT CONTENDER   one measurement in this process, for perf and "
              "callgrind");
    std::exit(code);
}

void parse(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto next = [&]() -> const char* {
            return i + 1 < argc ? argv[++i] : (usage(2), "");
        };
        if (word == "--quick")
            chosen.quick = true;
        else if (word == "--list")
            chosen.list = true;
        else if (word == "--only")
            chosen.only = next();
        else if (word == "--contender")
            chosen.contender = next();
        else if (word == "--rounds")
            chosen.rounds = std::atoi(next());
        else if (word == "--core")
            chosen.core = std::atoi(next());
        else if (word == "--json")
            chosen.json = next();
        else if (word == "--child")
            chosen.child = {next(), next(), next()};
        else
            usage(word == "--help" ? 0 : 2);
    }
    if (chosen.rounds <= 0) chosen.rounds = chosen.quick ? 1 : 3;
    if (chosen.core < 0) chosen.core = cores() - 1;
}

} // namespace

question::question(question_text text) : question_text{std::move(text)} {
    questions().push_back(this);
}

bool quick() noexcept { return chosen.quick; }

void report(std::initializer_list<metric> metrics) {
    const auto size = static_cast<ssize_t>(metrics.size() * sizeof(metric));
    if (!is_asked_by_harness ||
        write(report_fd, metrics.begin(), static_cast<std::size_t>(size)) != size)
        for (const auto& m : metrics) std::printf("%s %g\n", m.name, m.value);
    std::fflush(stdout);
    _exit(0);
}

} // namespace bench

int main(int argc, char** argv) {
    using namespace bench;
    parse(argc, argv);
    if (!chosen.child.empty()) run_child();
    auto& all = questions();
    std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->id < b->id; });
    auto rows = nlohmann::json::array();
    for (const auto* q : all) {
        if (!wanted(*q)) continue;
        if (chosen.list) {
            std::printf("%-14s %s\n", q->id.c_str(), q->asks.c_str());
            continue;
        }
        std::printf("\n== %s: %s\n", q->id.c_str(), q->asks.c_str());
        for (const auto& at : q->points)
            if (!(chosen.quick && at.full_only))
                for (auto& r : ask(*q, at)) rows.push_back(std::move(r));
    }
    if (!chosen.list) append(std::move(rows));
}
