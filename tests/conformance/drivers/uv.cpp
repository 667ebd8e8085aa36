#include <conformance/conformance.hpp>

#include <cicada/hosts/uv.hpp>
#include <optional>
#include <uv.h>

namespace conformance_of {
namespace {

const registered uv({"uv", [](cicada::loop_options options, auto start, void* program) {
                         uv_loop_t loop;
                         ASSERT_EQ(uv_loop_init(&loop), 0);
                         std::optional<cicada::uv_host> host;
                         host.emplace(&loop, std::move(options));
                         start(host->get(), program);
                         uv_run(&loop, UV_RUN_DEFAULT); // ends of itself when nothing is left
                         EXPECT_TRUE(host->get().is_drained());
                         host.reset();
                         uv_run(&loop, UV_RUN_DEFAULT);
                         EXPECT_EQ(uv_loop_close(&loop), 0) << "a handle was left open";
                     }});

} // namespace
} // namespace conformance_of
