#include <cicada/cicada.hpp>

#ifdef WITH_asio
#include <boost/asio/io_context.hpp>
#include <cicada/hosts/asio.hpp>
#endif
#ifdef WITH_uv
#include <cicada/hosts/uv.hpp>
#endif
#ifdef WITH_glib
#include <cicada/hosts/glib.hpp>
#endif

int main() {
    int ticks = 0;
#ifdef WITH_asio
    boost::asio::io_context context;
    cicada::asio_host host(context);
    auto beat =
        cicada::every(host.get(), std::chrono::milliseconds(1), {.times = 3}, [&] { ++ticks; });
    context.run();
#else
    ticks = 3;
#endif
#ifdef WITH_glib
    const cicada::glib_host glib;
    if (!glib.is_drained()) return 1;
#endif
#ifdef WITH_uv
    void (cicada::uv_host::* volatile links)() noexcept = &cicada::uv_host::close;
    static_cast<void>(links);
#endif
    return ticks == 3 ? 0 : 1;
}
