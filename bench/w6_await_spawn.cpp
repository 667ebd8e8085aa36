// W6: what does it cost to await a child that completes at once? W6b: to spawn 1,000 tasks and join
// them, ns each?
#include "bare_task.hpp"
#include "ours.hpp"
#include "peers.hpp"

namespace {

using namespace bench;

constexpr int awaits = 10'000, spawns = 1'000;
volatile int one = 1;
long sum = 0;

// --- the limits ----------------------------------------------------------------------------------
template <class Frames>
bare::task<Frames> bare_child() {
    co_return one;
}

template <class Frames>
bare::detached<Frames> bare_parent() {
    for (int i = 0; i < awaits; ++i) sum += co_await bare_child<Frames>();
}

template <class Frames>
void limit_await(const point&) {
    report({{"ns", ns_each(awaits, [] { bare_parent<Frames>().frame.resume(); })}});
}

bare::detached<> bare_spawned(int& left) {
    sum += one;
    --left;
    co_return;
}

void limit_spawn(const point&) {
    std::vector<std::coroutine_handle<>> ready(spawns);
    report({{"ns", ns_each(spawns * 10, [&] {
                 for (int round = 0; round < 10; ++round) {
                     int left = spawns;
                     for (auto& r : ready) r = bare_spawned(left).frame;
                     for (auto& r : ready) r.resume();
                     if (left != 0) std::abort();
                 }
             })}});
}

// --- Asio ----------------------------------------------------------------------------------------
asio::awaitable<int> asio_child() { co_return one; }

asio::awaitable<void> asio_parent() {
    for (int i = 0; i < awaits; ++i) sum += co_await asio_child();
}

void boost_asio_await(const point&) {
    asio::io_context context{asio_single_thread};
    report({{"ns", ns_each(awaits, [&] {
                 asio::co_spawn(context, asio_parent(), asio::detached);
                 context.restart();
                 context.run();
             })}});
}

asio::awaitable<void> asio_spawned() {
    sum += one;
    co_return;
}

/// The spawner is itself a coroutine on the loop, as Asio reuses memory only there; the last child
/// resumes it.
asio::awaitable<void> asio_spawner(asio::io_context& context) {
    asio::steady_timer all_ended{context, asio::steady_timer::time_point::max()};
    for (int round = 0; round < 10; ++round) {
        int left = spawns;
        all_ended.expires_at(asio::steady_timer::time_point::max());
        for (int i = 0; i < spawns; ++i)
            asio::co_spawn(context, asio_spawned(), [&](std::exception_ptr) {
                if (--left == 0) all_ended.cancel();
            });
        boost::system::error_code ignored;
        co_await all_ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void boost_asio_spawn(const point&) {
    asio::io_context context{asio_single_thread};
    report({{"ns", ns_each(spawns * 10, [&] {
                 asio::co_spawn(context, asio_spawner(context), asio::detached);
                 context.restart();
                 context.run();
             })}});
}

// --- cicada --------------------------------------------------------------------------------------
cicada::task<int> cicada_child() { co_return one; }

cicada::task<> cicada_parent() {
    for (int i = 0; i < awaits; ++i) sum += co_await cicada_child();
}

void cicada_await(const point&) {
    stepped_loop loop;
    report({{"ns", ns_each(awaits, [&] { loop.run(cicada_parent()); })}});
}

cicada::task<> cicada_spawned() {
    sum += one;
    co_return;
}

cicada::task<> cicada_scope() {
    for (int round = 0; round < 10; ++round)
        co_await cicada::with_scope([](cicada::scope& s) -> cicada::task<> {
            for (int i = 0; i < spawns; ++i) s.spawn(cicada_spawned());
            co_return;
        });
}

cicada::task<> cicada_when_all() {
    for (int round = 0; round < 10; ++round) {
        std::vector<cicada::task<>> all;
        all.reserve(spawns);
        for (int i = 0; i < spawns; ++i) all.push_back(cicada_spawned());
        co_await cicada::when_all(std::move(all));
    }
}

cicada::task<> cicada_handles() {
    for (int round = 0; round < 10; ++round) {
        std::vector<cicada::join_handle<void>> all;
        all.reserve(spawns);
        for (int i = 0; i < spawns; ++i) all.push_back(cicada::spawn(cicada_spawned()));
        for (auto& one : all) co_await one;
    }
}

template <auto Spawner>
void cicada_spawn(const point&) {
    stepped_loop loop;
    report({{"ns", ns_each(spawns * 10, [&] { loop.run(Spawner()); })}});
}

const question w6{{.id = "W6",
                   .asks = "await a child that completes at once",
                   .unit = "ns",
                   .goal = "<= 6, no malloc",
                   .contenders = {{"limit", limit_await<bare::recycled>},
                                  {"limit malloc", limit_await<bare::heap>},
                                  {"Asio", boost_asio_await},
                                  {"cicada", cicada_await}}}};
const question w6b{{.id = "W6b",
                    .asks = "spawn 1,000 tasks and join them",
                    .unit = "ns each",
                    .goal = "<= 20 with cancellation and errors intact",
                    .contenders = {{"limit", limit_spawn},
                                   {"Asio", boost_asio_spawn},
                                   {"cicada", cicada_spawn<cicada_scope>},
                                   {"cicada when_all", cicada_spawn<cicada_when_all>},
                                   {"cicada handles", cicada_spawn<cicada_handles>}}}};

} // namespace
