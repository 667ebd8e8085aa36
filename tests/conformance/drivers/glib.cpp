#include <conformance/conformance.hpp>

#include <cicada/hosts/glib.hpp>
#include <glib.h>

namespace conformance_of {
namespace {

const registered glib({"glib", [](cicada::loop_options options, auto start, void* program) {
                           GMainContext* context = g_main_context_new();
                           {
                               cicada::glib_host host(context, {.loop = std::move(options)});
                               start(host.get(), program);
                               while (!host.is_drained()) // ends when nothing is left
                                   g_main_context_iteration(context, TRUE);
                           }
                           g_main_context_unref(context);
                       }});

} // namespace
} // namespace conformance_of
