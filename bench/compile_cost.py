#!/usr/bin/env python3
"""W10: what does a periodic hello cost to compile and to ship?

g++ -O0 and -O2 in seconds, peak MiB, stripped KiB.

usage: compile_cost.py --library build/bench/libcicada.a [--rounds N] [--json FILE]
"""
import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

CICADA = """
#include <cicada/cicada.hpp>
#include <cstdio>
using namespace std::chrono_literals;
cicada::task<> program() {
    auto hello = cicada::every(1s, [] { std::puts("hello"); });
    co_await cicada::sleep(10s);
    co_await hello.cancel();
}
int main() { cicada::run(program()); }
"""

ASIO = """
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
using namespace std::chrono_literals;
namespace asio = boost::asio;
asio::awaitable<void> hello() {
    asio::steady_timer timer{co_await asio::this_coro::executor, 1s};
    for (int i = 0; i < 10; ++i) {
        std::puts("hello");
        co_await timer.async_wait(asio::use_awaitable);
        timer.expires_at(timer.expiry() + 1s);
    }
}
int main() {
    asio::io_context context{1};
    asio::co_spawn(context, hello(), asio::detached);
    context.run();
}
"""

TEN_HEADERS = """
#include <atomic>
#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <cstdio>
int main() { std::puts("hello"); }
"""

BARE = """
#include <coroutine>
#include <cstdio>
#include <ctime>
struct program {
    struct promise_type {
        program get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
std::coroutine_handle<> sleeper;
struct sleep {
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> h) { sleeper = h; }
    void await_resume() {}
};
program hello() {
    for (int i = 0; i < 10; ++i) {
        std::puts("hello");
        co_await sleep{};
    }
    sleeper = nullptr;
}
int main() {
    hello();
    while (sleeper) {
        const timespec second{1, 0};
        nanosleep(&second, nullptr);
        sleeper.resume();
    }
}
"""

# The limit stands first. "goal" is for cicada.
PROGRAMS = {"limit coroutine": BARE, "ten std headers": TEN_HEADERS, "Asio": ASIO,
            "Asio all": ASIO.replace("<boost/asio/awaitable.hpp>", "<boost/asio.hpp>"),
            "cicada": CICADA}
GOALS = {"-O0 s": "<= 0.55", "-O2 s": "<= 0.65", "peak MiB": "<= 140", "stripped KiB": "<= 64"}


def child_usage(command):
    """Runs a command; gives its CPU seconds and its peak memory, children included."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        import resource
        code = subprocess.run(command, check=False).returncode
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = usage.ru_utime + usage.ru_stime
        os.write(writing, json.dumps([code, seconds, usage.ru_maxrss / 1024]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        code, seconds, peak = json.load(pipe)
    os.waitpid(pid, 0)
    if code != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return seconds, peak


def measure(source, library, folder):
    """Compiles with -O0 and -O2; links and strips the -O2 build."""
    text, compiled, program = folder / "hello.cpp", folder / "hello.o", folder / "hello"
    text.write_text(source)
    common = ["g++", "-std=c++20", f"-I{ROOT / 'include'}"]
    numbers, peaks = {}, []
    for level in ("-O0", "-O2"):
        seconds, peak = child_usage([*common, level, "-c", str(text), "-o", str(compiled)])
        numbers[f"{level} s"] = seconds
        peaks.append(peak)
    numbers["peak MiB"] = max(peaks)
    link = ["g++", str(compiled), "-o", str(program), "-pthread", "-Wl,--gc-sections", "-s"]
    if "cicada" in source:
        link.insert(2, library)
    child_usage(link)
    numbers["stripped KiB"] = program.stat().st_size / 1024
    return numbers


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--library", required=True, help="the static library of cicada")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=pathlib.Path, help="append the rows to this file")
    chosen = options.parse_args()

    rounds = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(chosen.rounds):
            for name, source in PROGRAMS.items():
                rounds[name].append(measure(source, chosen.library, pathlib.Path(folder)))

    print("\n== W10: compile and ship a periodic hello\n")
    print(f"    {'':18}" + "".join(f"{m:>14}" for m in GOALS))
    rows = []
    for name, all_numbers in rounds.items():
        medians = {m: statistics.median(n[m] for n in all_numbers) for m in GOALS}
        print(f"    {name:18}" + "".join(f"{medians[m]:14.2f}" for m in GOALS))
        for m in GOALS:
            rows.append({"question": "W10", "point": m, "contender": name, "unit": m,
                         "goal": GOALS[m], "rounds": sorted(n[m] for n in all_numbers),
                         "median": medians[m]})
    print(f"    {'goal':18}" + "".join(f"{g:>14}" for g in GOALS.values()))

    if chosen.json:
        runs = json.loads(chosen.json.read_text()) if chosen.json.exists() else []
        now = datetime.datetime.now(datetime.timezone.utc)
        runs.append({"at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "mode": "compile",
                     "rounds": chosen.rounds, "rows": rows})
        chosen.json.write_text(json.dumps(runs, indent=1) + "\n")


if __name__ == "__main__":
    main()
