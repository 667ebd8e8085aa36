#include <cicada/hosts/glib.hpp>

#include <atomic>

#include <glib.h>

#include <cicada/hosts/host_driver.hpp>
#include <cicada/loop/clock_watch.hpp>

namespace cicada {

/// One source: its ready time is the next deadline, and it is ready at once when the loop was
/// woken.
class glib_host::turner final : public detail::host_driver {
public:
    turner(GMainContext* context, int priority)
        : context_(context ? g_main_context_ref(context) : g_main_context_ref_thread_default()),
          source_(
              reinterpret_cast<turner_source*>(g_source_new(&functions, sizeof(turner_source)))) {
        source_->of = this;
        clock_tag_ = g_source_add_unix_fd(&source_->base, clock_.descriptor(), G_IO_IN);
        g_source_set_name(&source_->base, "cicada");
        g_source_set_priority(&source_->base, priority);
        g_source_attach(&source_->base, context_);
    }
    ~turner() {
        end();
        g_source_destroy(&source_->base);
        g_source_unref(&source_->base);
        g_main_context_unref(context_);
    }
    void begin(loop_options options) { host_driver::begin(std::move(options)); }

    void wake() noexcept override {
        is_woken_.store(true);
        g_main_context_wakeup(context_);
    }

private:
    struct turner_source {
        GSource base;
        turner* of;
    };
    static turner& of(GSource* source) noexcept {
        return *reinterpret_cast<turner_source*>(source)->of;
    }

    static gboolean prepare(GSource* source, gint* timeout) {
        *timeout = -1; // until the ready time
        return of(source).is_woken_.load();
    }
    static gboolean check(GSource* source) { return of(source).is_woken_.load(); }
    static gboolean dispatch(GSource* source, GSourceFunc, gpointer) {
        of(source).take_turn();
        return G_SOURCE_CONTINUE;
    }
    static GSourceFuncs functions;

    void take_turn() {
        if (g_source_query_unix_fd(&source_->base, clock_tag_) != 0) clock_.rearm();
        is_woken_.store(false); // before the turn, which takes what was posted until now
        const auto next = turn();
        gint64 ready_time = -1; // never
        if (next) {
            const auto left =
                std::chrono::ceil<std::chrono::microseconds>(between(elapsed_now(), *next));
            ready_time = left.count() > 0 ? g_get_monotonic_time() + left.count() : 0;
        }
        g_source_set_ready_time(&source_->base, ready_time);
    }

    GMainContext* const context_;
    clock_watch clock_;
    turner_source* const source_;
    gpointer clock_tag_;
    std::atomic<bool> is_woken_{false};
};

GSourceFuncs glib_host::turner::functions = {prepare, check, dispatch, nullptr, nullptr, nullptr};

glib_host::glib_host(GMainContext* turned_by, glib_options options)
    : turner_(new turner(turned_by, options.priority)) {
    turner_->begin(std::move(options.loop));
}
glib_host::~glib_host() = default;

loop& glib_host::get() const noexcept { return turner_->get(); }
void glib_host::close() noexcept { turner_->get().close(); }
bool glib_host::is_drained() const noexcept { return turner_->get().is_drained(); }

} // namespace cicada
