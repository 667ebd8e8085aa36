// Includes the headers of each component and, as programs do, of what it is at home in.
#include <cicada/cicada.hpp>

#ifdef WITH_asio
#include <boost/asio/io_context.hpp>
#include <cicada/hosts/asio.hpp>
#endif
#ifdef WITH_uv
#include <cicada/hosts/uv.hpp>
#include <uv.h>
#endif
#ifdef WITH_glib
#include <cicada/hosts/glib.hpp>
#include <glib.h>
#endif
#if defined(WITH_postgres) && !defined(WITH_jobs)
#define WITH_jobs // comes with it
#endif
#ifdef WITH_jobs
#include <cicada/jobs.hpp>

#include <string>

cicada::task<> submit_twice(std::string url, int& runs) {
    cicada::job_store store = co_await cicada::open_store(url);
    co_await store.submit("count", "{}", {.key = "once"});
    co_await store.submit("count", "{}", {.key = "once"});
    const auto all = co_await store.runs("");
    runs += static_cast<int>(all.size());
}

// Whether a store on PostgreSQL is known depends on what this program is linked with.
cicada::task<> look_for_server(int& as_expected) {
#ifdef WITH_postgres
    const auto expected = cicada::store_fault::unreachable;
    const std::string says = "see that it runs";
#else
    const auto expected = cicada::store_fault::bad_url;
    const std::string says = "link it with cicada::postgres";
#endif
    try {
        co_await cicada::open_store("postgresql://127.0.0.1:1/x");
    } catch (const cicada::store_error& e) {
        const bool is_told = std::string(e.what()).find(says) != std::string::npos;
        as_expected += e.fault() == expected && is_told;
    }
}
#endif

int main() {
    int expected = 0;
    int ticks = 0;
    [[maybe_unused]] const auto start = [&](cicada::loop& on) {
        expected += 3;
        return cicada::every(on, std::chrono::milliseconds(1), {.times = 3}, [&] { ++ticks; });
    };
#ifdef WITH_asio
    {
        boost::asio::io_context context;
        cicada::asio_host host(context);
        auto beat = start(host.get());
        context.run();
    }
#endif
#ifdef WITH_uv
    {
        uv_loop_t* const loop = uv_default_loop();
        {
            cicada::uv_host host(loop);
            auto beat = start(host.get());
            uv_run(loop, UV_RUN_DEFAULT);
        }
        uv_run(loop, UV_RUN_DEFAULT);
        if (uv_loop_close(loop) != 0) return 1;
    }
#endif
#ifdef WITH_glib
    {
        GMainLoop* const loop = g_main_loop_new(nullptr, FALSE);
        cicada::glib_host host;
        auto beat = start(host.get());
        auto quit = cicada::spawn(host.get(), [&]() -> cicada::task<> {
            co_await beat;
            g_main_loop_quit(loop);
        });
        g_main_loop_run(loop);
        g_main_loop_unref(loop);
    }
#endif
#ifdef WITH_jobs
    expected += 2;
    cicada::run(submit_twice("memory:", ticks));
    cicada::run(look_for_server(ticks));
#endif
    return ticks == expected ? 0 : 1;
}
