// W8: how many small callables a second does a loop take from 1 or 2 other threads? W8.wake: how
// long until a callable runs on a loop that sleeps? The loop has one core, the producers the others
// (on two cores they share one). libuv, libev and libevent have a wake-up only: beside it stands
// the user's own batching, a mutex and a vector.
#include "ours.hpp"
#include "peers.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <thread>

namespace {

using namespace bench;

/// What is posted: adds to a number that only the loop's thread touches.
struct callable {
    void (*run)(void*);
    void* with;
};

// --- how a contender is driven -------------------------------------------------------------------
/// A contender has post(f) for any thread, run() that returns after stop(), and stop() on the
/// loop's thread.
template <class Loop>
void throughput(const point& at) {
    pin(0);
    const long total = quick() ? 1'000'000 : 4'000'000, each = total / at.n;
    static Loop loop;
    static long ran;
    static std::int64_t end;
    static long expected;
    expected = each * at.n;
    std::atomic<bool> go{false};
    std::vector<std::thread> producers;
    for (int p = 0; p < at.n; ++p)
        producers.emplace_back([&, p] {
            pin(1 + p % std::max(1, cores() - 1));
            auto&& door = loop.door();
            while (!go) std::this_thread::yield();
            for (long i = 0; i < each; ++i)
                door.post(
                    [](void* count) {
                        if (++*static_cast<long*>(count) == expected)
                            end = elapsed_ns(), loop.stop();
                    },
                    &ran);
        });
    std::this_thread::sleep_for(10ms);
    const auto begin = elapsed_ns();
    go = true;
    loop.run();
    for (auto& p : producers) p.join();
    report({{"M/s", static_cast<double>(expected) / static_cast<double>(end - begin) * 1e3}});
}

template <class Loop>
void wake(const point&) {
    pin(0);
    static Loop loop;
    static std::vector<std::int64_t> took(quick() ? 2'000 : 5'000);
    static std::size_t at = 0;
    static std::int64_t posted_at;
    static std::atomic<bool> taken{true};
    std::thread producer{[] {
        pin(1);
        auto&& door = loop.door();
        for (std::size_t i = 0; i < took.size(); ++i) {
            std::this_thread::sleep_for(300us);
            while (!taken.exchange(false)) std::this_thread::yield();
            posted_at = elapsed_ns();
            door.post(
                [](void*) {
                    took[at++] = elapsed_ns() - posted_at;
                    if (at == took.size()) loop.stop();
                    taken = true;
                },
                nullptr);
        }
    }};
    loop.run();
    producer.join();
    std::sort(took.begin(), took.end());
    report({{"p50", double(took[took.size() / 2]) * 1e-3},
            {"p99", double(took[took.size() * 99 / 100]) * 1e-3}});
}

// --- the limits ----------------------------------------------------------------------------------
/// A list that many push to by one exchange and one takes from (D. Vyukov's intrusive MPSC queue);
/// nobody sleeps.
struct bare_inbox {
    struct producer;
    struct node {
        std::atomic<node*> next{nullptr};
        callable what{};
        producer* from = nullptr;
    };
    /// A ring of nodes; those that the consumer has run are free again.
    struct producer {
        bare_inbox& inbox;
        std::vector<node> ring = std::vector<node>(1 << 14);
        std::size_t posted = 0, seen = 0;
        alignas(64) std::atomic<std::size_t> ran{0};
        explicit producer(bare_inbox& i) : inbox{i} {}

        void post(void (*run)(void*), void* with) noexcept {
            while (posted - seen == ring.size())
                if (seen = ran.load(std::memory_order_acquire); posted - seen == ring.size())
                    std::this_thread::yield();
            node& n = ring[posted++ & (ring.size() - 1)];
            n.what = {run, with}, n.from = this;
            inbox.push(n);
        }
    };
    struct handle {
        producer* p;
        void post(void (*run)(void*), void* with) noexcept { p->post(run, with); }
    };

    alignas(64) std::atomic<node*> tail{&stub};
    alignas(64) node* head = &stub;
    node stub;
    bool stopped = false;

    handle door() { return {new producer{*this}}; }
    void stop() { stopped = true; }
    void push(node& n) noexcept {
        n.next.store(nullptr, std::memory_order_relaxed);
        tail.exchange(&n, std::memory_order_acq_rel)->next.store(&n, std::memory_order_release);
    }
    void run() {
        while (!stopped) {
            node* next = head->next.load(std::memory_order_acquire);
            if (!next) {
                std::this_thread::yield();
                continue;
            }
            // The node that was head is now free.
            if (producer* p = head->from)
                p->ran.store(p->ran.load(std::memory_order_relaxed) + 1, std::memory_order_release);
            head = next;
            next->what.run(next->what.with);
        }
    }
};

/// The same, its nodes from malloc on one thread and to free on another.
struct malloc_inbox {
    struct node {
        std::atomic<node*> next{nullptr};
        callable what{};
    };
    alignas(64) std::atomic<node*> tail{new node};
    alignas(64) node* head = tail.load();
    bool stopped = false;

    malloc_inbox& door() { return *this; }
    malloc_inbox() = default;
    void stop() { stopped = true; }
    void post(void (*run)(void*), void* with) {
        node* n = new node{{}, {run, with}};
        tail.exchange(n, std::memory_order_acq_rel)->next.store(n, std::memory_order_release);
    }
    void run() {
        while (!stopped) {
            node* next = head->next.load(std::memory_order_acquire);
            if (!next) {
                std::this_thread::yield();
                continue;
            }
            delete std::exchange(head, next);
            next->what.run(next->what.with);
        }
    }
};

/// The least that wakes a sleeper: one eventfd, one epoll_wait.
struct bare_eventfd {
    int event = eventfd(0, EFD_NONBLOCK), poll = epoll_create1(0);
    callable what{};
    bool stopped = false;
    bare_eventfd() {
        epoll_event e{.events = EPOLLIN, .data = {}};
        epoll_ctl(poll, EPOLL_CTL_ADD, event, &e);
    }
    bare_eventfd& door() { return *this; }
    void stop() { stopped = true; }
    void post(void (*run)(void*), void* with) {
        what = {run, with};
        eventfd_write(event, 1);
    }
    void run() {
        while (!stopped) {
            epoll_event e;
            if (epoll_wait(poll, &e, 1, -1) != 1) continue;
            eventfd_t ignored;
            eventfd_read(event, &ignored);
            what.run(what.with);
        }
    }
};

/// Never sleeps: one flag.
struct bare_spin {
    std::atomic<bool> posted{false};
    callable what{};
    bool stopped = false;
    bare_spin& door() { return *this; }
    void stop() { stopped = true; }
    void post(void (*run)(void*), void* with) {
        what = {run, with};
        posted.store(true, std::memory_order_release);
    }
    void run() {
        while (!stopped)
            if (posted.load(std::memory_order_acquire)) {
                posted.store(false, std::memory_order_relaxed);
                what.run(what.with);
            }
    }
};

// --- peers ---------------------------------------------------------------------------------------
/// The batching that a skilled user writes; Wake has wake() for any thread, run() and stop().
template <class Wake>
struct batched : Wake {
    std::mutex mutex;
    std::vector<callable> posted, running;
    batched() {
        this->on_wake(this, [](void* self) { static_cast<batched*>(self)->drain(); });
    }
    batched& door() { return *this; }
    void post(void (*run)(void*), void* with) {
        bool first;
        {
            std::lock_guard lock{mutex};
            first = posted.empty();
            posted.push_back({run, with});
        }
        if (first) this->wake();
    }
    void drain() {
        {
            std::lock_guard lock{mutex};
            running.swap(posted);
        }
        for (auto& c : running) c.run(c.with);
        running.clear();
    }
};

struct uv_wake {
    uv_loop_t* loop = uv_default_loop();
    uv_async_t async;
    callable then{};
    void on_wake(void* self, void (*drain)(void*)) {
        then = {drain, self};
        async.data = &then;
        uv_async_init(loop, &async, [](uv_async_t* a) {
            auto& c = *static_cast<callable*>(a->data);
            c.run(c.with);
        });
    }
    void wake() { uv_async_send(&async); }
    void stop() { uv_stop(loop); }
    void run() { uv_run(loop, UV_RUN_DEFAULT); }
};

struct ev_wake {
    struct ev_loop* loop = ev_default_loop(0);
    ev_async async;
    callable then{};
    void on_wake(void* self, void (*drain)(void*)) {
        then = {drain, self};
        ev_async_init(&async, [](struct ev_loop*, ev_async* a, int) {
            auto& c = *static_cast<callable*>(a->data);
            c.run(c.with);
        });
        async.data = &then;
        ev_async_start(loop, &async);
    }
    void wake() { ev_async_send(loop, &async); }
    void stop() { ev_break(loop, EVBREAK_ALL); }
    void run() { ev_run(loop, 0); }
};

struct event_wake {
    event_base* base = (evthread_use_pthreads(), event_base_new());
    event* async = nullptr;
    callable then{};
    void on_wake(void* self, void (*drain)(void*)) {
        then = {drain, self};
        async = event_new(
            base, -1, EV_PERSIST,
            [](evutil_socket_t, short, void* c) {
                static_cast<callable*>(c)->run(static_cast<callable*>(c)->with);
            },
            &then);
    }
    void wake() { event_active(async, 0, 0); }
    void stop() { event_base_loopbreak(base); }
    void run() { event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY); }
};

struct asio_loop {
    asio::io_context context{1};
    decltype(asio::make_work_guard(context)) work = asio::make_work_guard(context);
    asio_loop& door() { return *this; }
    void post(void (*run)(void*), void* with) {
        asio::post(context, [run, with] { run(with); });
    }
    void stop() { context.stop(); }
    void run() { context.run(); }
};

// --- cicada: its loop has a thread of its own; the harness's only waits --------------------------
struct cicada_loop {
    cicada::loop_thread thread;
    std::binary_semaphore stopped{0};
    cicada_loop& door() { return *this; }
    void post(void (*run)(void*), void* with) {
        thread.get().post([run, with] { run(with); });
    }
    void stop() { stopped.release(); }
    void run() { stopped.acquire(); }
};

const question w8{{.id = "W8",
                   .asks = "small callables posted from other threads",
                   .unit = "million/s",
                   .goal = ">= 30 with 1 and 2 producers",
                   .better = better_is::higher,
                   .points = {{.label = "1 producer", .n = 1}, {.label = "2 producers", .n = 2}},
                   .contenders = {{"limit", throughput<bare_inbox>},
                                  {"limit malloc", throughput<malloc_inbox>},
                                  {"libuv + queue", throughput<batched<uv_wake>>},
                                  {"libev + queue", throughput<batched<ev_wake>>},
                                  {"libevent + queue", throughput<batched<event_wake>>},
                                  {"Asio", throughput<asio_loop>},
                                  {"cicada", throughput<cicada_loop>}}}};
const question w8_wake{{.id = "W8.wake",
                        .asks = "from a post to the callable on a loop that sleeps",
                        .unit = "us, p50",
                        .goal = "<= 1.1 x the bare eventfd",
                        .contenders = {{"limit eventfd", wake<bare_eventfd>},
                                       {"limit spinning", wake<bare_spin>},
                                       {"libuv + queue", wake<batched<uv_wake>>},
                                       {"libev + queue", wake<batched<ev_wake>>},
                                       {"libevent + queue", wake<batched<event_wake>>},
                                       {"Asio", wake<asio_loop>},
                                       {"cicada", wake<cicada_loop>}}}};

} // namespace
