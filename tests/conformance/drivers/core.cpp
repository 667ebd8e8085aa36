#include <conformance/conformance.hpp>

#include <atomic>

namespace conformance_of {

std::vector<driver>& drivers() {
    static std::vector<driver> all;
    return all;
}

namespace {

/// A task of the driver's own that ends when the loop has been closed.
cicada::task<> until_closed(void (*start)(cicada::loop&, void*), void* program) {
    cicada::loop& home = cicada::loop::current();
    start(home, program);
    while (!home.is_closed()) co_await cicada::sleep(std::chrono::microseconds(100));
}

const registered thread({"thread", [](cicada::loop_options options, auto start, void* program) {
                             cicada::run(until_closed(start, program),
                                         {.loop = std::move(options)});
                         }});

const registered loop_thread({"loop_thread",
                              [](cicada::loop_options options, auto start, void* program) {
                                  cicada::loop_thread background({.loop = std::move(options)});
                                  start(background.get(), program);
                                  background.wait_until_drained();
                              }});

const registered simulation({"simulation",
                             [](cicada::loop_options options, auto start, void* program) {
                                 cicada::simulation sim("2026-01-01T00:00:00Z", std::move(options));
                                 sim.run(until_closed(start, program));
                             },
                             true});

} // namespace
} // namespace conformance_of

INSTANTIATE_TEST_SUITE_P(on, conformance, testing::ValuesIn(conformance_of::drivers()),
                         [](const auto& one) { return one.param.name; });
