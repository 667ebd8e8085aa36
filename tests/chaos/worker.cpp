// A node of the chaos: a worker, what it runs, and who asks for runs. It writes all that it does
// into its diary. SIGTERM drains it.
//
//   chaos_worker url=URL name=NAME log=FILE [lease=2s] [poll=500ms] [jobs=20] [seed=1]
//                [until=INSTANT] [once=KEY,WORK,stop|carry_on]
//
// With `until` it applies the set of jobs, which ends then, and submits and triggers runs until
// shortly before. With `once` it submits one run that works for so long and does not listen.

#include <cicada/jobs.hpp>
#include <cicada/schedule/duration_text.hpp>

#include <chaos/diary.hpp>
#include <chaos/job_set.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

using namespace std::chrono_literals;

namespace {

using chaos::diary;
using chaos::entry;

struct settings {
    std::string url, name, log;
    cicada::duration lease = 2s, poll = 500ms;
    int jobs = 20;
    std::uint64_t seed = 1;
    std::string until, once;
};

settings read(int argc, char** argv) {
    std::map<std::string, std::string> given;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto equals = word.find('=');
        if (equals == word.npos) throw std::invalid_argument("not NAME=VALUE: " + word);
        given[word.substr(0, equals)] = word.substr(equals + 1);
    }
    settings s;
    const auto take = [&](const char* name, auto read) {
        const auto one = given.find(name);
        if (one == given.end()) return;
        read(one->second);
        given.erase(one);
    };
    take("url", [&](const std::string& text) { s.url = text; });
    take("name", [&](const std::string& text) { s.name = text; });
    take("log", [&](const std::string& text) { s.log = text; });
    take("lease", [&](const std::string& text) { s.lease = cicada::parse_duration(text); });
    take("poll", [&](const std::string& text) { s.poll = cicada::parse_duration(text); });
    take("jobs", [&](const std::string& text) { s.jobs = std::stoi(text); });
    take("seed", [&](const std::string& text) { s.seed = std::stoull(text); });
    take("until", [&](const std::string& text) { s.until = text; });
    take("once", [&](const std::string& text) { s.once = text; });
    if (!given.empty()) throw std::invalid_argument("no such option: " + given.begin()->first);
    if (s.url.empty() || s.name.empty() || s.log.empty())
        throw std::invalid_argument("url, name and log must be there");
    return s;
}

/// A parcel takes long, and is carried on with when its node is cut off.
cicada::task<cicada::run_id> submit_order(cicada::job_store store, std::string key,
                                          cicada::duration after, bool is_parcel) {
    const std::string kind = is_parcel ? "parcel" : "quick";
    cicada::submit_options how = {.after = after, .key = key};
    if (is_parcel) how.when_cut_off = cicada::when_cut_off::carry_on;
    const auto made = co_await store.submit(kind, "{}", how);
    co_return made.id;
}

/// 0: its overlap policy made it none.
cicada::task<cicada::run_id> trigger(cicada::job_store store, std::string key) {
    const auto made = co_await store.trigger(chaos::triggered, {.key = key});
    co_return made.value_or(cicada::run_id(0));
}

class node {
public:
    explicit node(settings s) : of_(std::move(s)), diary_(of_.log), random_(of_.seed) {}

    cicada::task<> program();

private:
    std::uint64_t up_to(std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(0, most)(random_);
    }

    // ---- what is run ----
    cicada::task<> quick(cicada::job_run run);
    cicada::task<> lengthy(cicada::job_run run);
    cicada::task<> flaky(cicada::job_run run);
    cicada::task<> stubborn(cicada::job_run run);

    // ---- who asks ----
    cicada::task<cicada::job_store> open();
    cicada::task<> apply(cicada::job_store store, cicada::wall_time until);
    cicada::task<> submit_orders(cicada::job_store store, std::int64_t until_ns);
    cicada::task<> trigger_shared(cicada::job_store store, std::int64_t until_ns);
    cicada::task<> submit_once(cicada::job_store store);
    /// Until the store has answered: a key makes it one run, however often it is asked for.
    template <class Ask>
    cicada::task<> ask(std::string call, std::string key, Ask once);

    const settings of_;
    const diary diary_;
    std::mt19937_64 random_;
};

cicada::task<> node::quick(cicada::job_run run) {
    chaos::attempt here(diary_, run);
    co_await cicada::sleep(std::chrono::milliseconds(up_to(50)));
    here.ended("ok");
}

cicada::task<> node::lengthy(cicada::job_run run) {
    chaos::attempt here(diary_, run);
    co_await cicada::sleep(std::chrono::milliseconds(2000 + up_to(4000)));
    here.ended("ok");
}

/// By its instant: half of them fail at first, and one of six each time.
cicada::task<> node::flaky(cicada::job_run run) {
    chaos::attempt here(diary_, run);
    co_await cicada::sleep(std::chrono::milliseconds(up_to(30)));
    const auto half_seconds = run.nominal().time_since_epoch() / 500ms;
    if (half_seconds % 6 == 0 || (half_seconds % 2 == 0 && run.attempt() == 1)) {
        here.ended("failed");
        throw std::runtime_error("it fails by its instant");
    }
    here.ended("ok");
}

/// On a thread, where no request to end reaches it. It counts what it has done, and not the time:
/// who is stopped meanwhile has the rest still before it.
cicada::task<> node::stubborn(cicada::job_run run) {
    chaos::attempt here(diary_, run);
    const auto work = cicada::parse_duration(run.arguments().substr(1, run.arguments().size() - 2));
    co_await cicada::blocking([](cicada::duration left) {
        for (; left > 0s; left -= 10ms) std::this_thread::sleep_for(10ms);
    })(work);
    here.ended("ok");
}

cicada::task<cicada::job_store> node::open() {
    for (;;) {
        try {
            co_return co_await cicada::open_store(of_.url);
        } catch (const cicada::store_error& e) {
            diary_.write(entry("not_open").add("error", e.what()));
        }
        co_await cicada::sleep(200ms);
    }
}

template <class Ask>
cicada::task<> node::ask(std::string call, std::string key, Ask once) {
    for (;;) {
        diary_.write(entry("asked").add("call", call).add("key", key));
        try {
            const cicada::run_id run = co_await once();
            diary_.write(entry("answered")
                             .add("call", call)
                             .add("key", key)
                             .add("run", static_cast<std::int64_t>(run)));
            co_return;
        } catch (const cicada::closed_error&) {
            co_return; // the job has come to its end meanwhile
        } catch (const cicada::store_error& e) {
            diary_.write(
                entry("no_answer").add("call", call).add("key", key).add("error", e.what()));
        }
        co_await cicada::sleep(300ms);
    }
}

cicada::task<> node::apply(cicada::job_store store, cicada::wall_time until) {
    const std::vector<cicada::job> jobs = chaos::job_set(of_.jobs, until);
    for (const cicada::job& one : jobs) {
        entry about("job");
        about.add("name", one.name).add("when", one.when.text());
        about.add("until", until.time_since_epoch().count());
        about.add("on_lost", one.on_lost == cicada::on_lost::fail ? "fail" : "retry");
        about.add("when_cut_off",
                  one.when_cut_off == cicada::when_cut_off::stop ? "stop" : "carry_on");
        diary_.write(std::move(about));
    }
    for (;;) {
        try {
            co_await store.apply("chaos", jobs, {.revision = 1});
            diary_.write(entry("applied"));
            co_return;
        } catch (const cicada::store_error& e) {
            diary_.write(entry("not_applied").add("error", e.what()));
        }
        co_await cicada::sleep(200ms);
    }
}

cicada::task<> node::submit_orders(cicada::job_store store, std::int64_t until_ns) {
    const std::string ours = of_.name + "-" + std::to_string(chaos::boot_ns()) + "-";
    for (int n = 0; chaos::real_ns() < until_ns; ++n) {
        const std::string key = ours + std::to_string(n);
        const std::chrono::milliseconds after(up_to(500));
        const bool is_parcel = n % 4 == 0;
        co_await ask("submit", key, [&] { return submit_order(store, key, after, is_parcel); });
        co_await cicada::sleep(300ms + std::chrono::milliseconds(up_to(600)));
    }
}

/// All nodes ask for the same: a run for every two seconds.
cicada::task<> node::trigger_shared(cicada::job_store store, std::int64_t until_ns) {
    constexpr std::int64_t each = 2'000'000'000;
    for (std::int64_t now = chaos::real_ns(); now < until_ns; now = chaos::real_ns()) {
        const std::string key = "shared-" + std::to_string(now / each);
        co_await ask("trigger", key, [&] { return trigger(store, key); });
        co_await cicada::sleep(std::chrono::nanoseconds(each - chaos::real_ns() % each));
    }
}

cicada::task<> node::submit_once(cicada::job_store store) {
    const auto first = of_.once.find(','), second = of_.once.find(',', first + 1);
    const std::string key = of_.once.substr(0, first);
    const std::string work = of_.once.substr(first + 1, second - first - 1);
    const bool carries_on = of_.once.substr(second + 1) == "carry_on";
    const auto made = co_await store.submit(
        "stubborn", '"' + work + '"',
        {.key = key,
         .when_cut_off = carries_on ? cicada::when_cut_off::carry_on : cicada::when_cut_off::stop});
    diary_.write(entry("answered")
                     .add("call", "submit")
                     .add("key", key)
                     .add("run", static_cast<std::int64_t>(made.id)));
}

cicada::task<> node::program() {
    diary_.write(entry("process").add("name", of_.name));
    cicada::job_store store = co_await open();
    cicada::join_handle<> orders, triggers;
    if (!of_.once.empty()) co_await submit_once(store);
    if (!of_.until.empty()) {
        const cicada::wall_time until = cicada::parse_instant(of_.until);
        co_await apply(store, until);
        const auto last = [until](cicada::duration before) {
            return (until - before).time_since_epoch().count();
        };
        orders = cicada::spawn(submit_orders(store, last(1s)));
        triggers = cicada::spawn(trigger_shared(store, last(6s))); // while the job has instants
    }
    cicada::worker worker(store,
                          {.name = of_.name, .lease = of_.lease, .poll = of_.poll, .grace = 2s});
    worker.handle("quick", [this](cicada::job_run run) { return quick(std::move(run)); });
    worker.handle("long", [this](cicada::job_run run) { return lengthy(std::move(run)); });
    worker.handle("parcel", [this](cicada::job_run run) { return lengthy(std::move(run)); });
    worker.handle("flaky", [this](cicada::job_run run) { return flaky(std::move(run)); });
    worker.handle("stubborn", [this](cicada::job_run run) { return stubborn(std::move(run)); });
    co_await worker.run();
}

} // namespace

int main(int argc, char** argv) {
    try {
        node one(read(argc, argv));
        cicada::run(one.program(), {.cancel_on_signal = true});
    } catch (const std::exception& e) {
        std::fprintf(stderr, "chaos_worker: %s\n", e.what());
        return EXIT_FAILURE;
    }
}
