#include <jobs/node.hpp>

#include <algorithm>

#include <async/report.hpp>
#include <cicada/async/shield.hpp>
#include <cicada/async/unless_cancelled.hpp>
#include <cicada/async/yield.hpp>
#include <cicada/loop/sleep.hpp>
#include <jobs/process_name.hpp>
#include <jobs/prune.hpp>
#include <schedule/name_hash.hpp>

namespace cicada::detail {

namespace {

constexpr duration first_pause = std::chrono::milliseconds(50);
constexpr duration most_pause = std::chrono::seconds(5);

worker_options named(worker_options options) {
    if (options.name.empty()) options.name = process_name();
    return options;
}

void check(const worker_options& o) {
    const auto refuse = [](const char* what) { throw std::invalid_argument(what); };
    if (o.most == 0) refuse("cicada: a worker runs at least one run at a time: `most`");
    if (o.lease < std::chrono::milliseconds(100))
        refuse("cicada: the `lease` of a worker is 100 ms or more");
    if (o.poll <= duration::zero()) refuse("cicada: the `poll` of a worker is more than nothing");
    if (o.grace < duration::zero()) refuse("cicada: the `grace` of a worker is not negative");
    detail::check(o.keep, "`keep` of a worker");
}

/// What will be so until somebody mends it.
bool is_for_good(store_fault what) noexcept { return what >= store_fault::read_only; }

/// The same each time that the program is simulated, and another one in each of its processes.
std::uint64_t seed_of(const std::string& name) {
    const auto now = static_cast<std::uint64_t>(cicada::now().time_since_epoch().count());
    return name_hash(name) + loop::current().options().seed + now;
}
std::uint64_t seed_of_nobody() {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
}

/// Tells the node, in its own words, that something was changed.
task<> listen(std::shared_ptr<event> changed, function<void()> tell) {
    for (;;) {
        co_await changed->wait();
        changed->reset();
        tell();
    }
}

void report_blocked_loop(const std::string& name) {
    print_about(name, "holds its loop, and cannot reach the store: others may take over what it "
                      "runs, which cannot be stopped");
}

} // namespace

node::node(job_store store, worker_options options)
    : store_(std::move(store)), options_(named(std::move(options))),
      wakes_([this] { bell_->rung.set(); }), deadline_([this] { deadline_has_come(); }) {
    check(options_);
    me_.labels = options_.labels;
}

void node::add_handler(std::string kind, job_handler handler) {
    if (home_) throw std::logic_error("cicada: handlers are given to a worker before it runs");
    if (!handlers_.emplace(kind, std::move(handler)).second)
        throw std::logic_error("cicada: a worker was given two handlers of the kind \"" + kind +
                               "\"");
    me_.kinds.push_back(std::move(kind));
}

task<> node::run() {
    if (home_) throw std::logic_error("cicada: a worker runs once");
    home_ = &loop::current();
    const bool is_simulated = home_->turned_by().is_simulated();
    random_.seed(is_simulated ? seed_of(options_.name) : seed_of_nobody());
    bell_ = std::make_shared<bell>();
    const auto tell = [b = bell_] {
        b->is_told = true;
        b->rung.set();
    };
    const auto tell_there = [home = loop_ref(*home_), tell, b = bell_] {
        try {
            home.post([tell, b] {
                b->is_reached = true;
                tell();
            });
        } catch (const std::bad_alloc&) { // found at the next poll
        }
    };
    function<void()> on_blocked = options_.on_blocked_loop;
    if (!on_blocked) on_blocked = [name = options_.name] { report_blocked_loop(name); };
    const auto changed = std::make_shared<event>();
    store_.access().tell(changed);
    const join_handle<> listener = spawn(listen(changed, tell), {.name = "listens to changes"});
    heart_.emplace(link(), heartbeat::setup{options_.lease, tell_there, on_blocked});

    std::exception_ptr failed;
    try {
        co_await unless_cancelled(work());
        co_await shield(stop());
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed) co_await shield(abandon());
    wakes_.off();
    deadline_.off();
    heart_.reset();
    if (failed) std::rethrow_exception(failed);
}

/// Until it is cancelled. What is under way then is finished first.
task<> node::work() {
    const activity& self = co_await this_activity{};
    while (!self.requests().pending) {
        auto round = turn();
        const bool has_more = co_await shield(std::move(round));
        if (has_more) {
            co_await yield(); // what has begun may end at once, and its slot is free again
            continue;
        }
        wakes_.set(next_turn());
        const auto rung = co_await unless_cancelled(bell_->rung.wait());
        if (!rung) co_return;
    }
}

/// D24: nothing begins any more; what runs may end; the rest is asked to; what has ended is
/// written, or handed back; then it leaves. Handlers that do not heed a request are waited for:
/// what they run must not begin elsewhere meanwhile.
task<> node::stop() {
    is_stopping_ = true;
    grace_ends_at_ = later(cicada::now(), options_.grace);
    while (!attempts_.empty() || !news_.empty()) {
        const elapsed_time now = cicada::now();
        if (now >= grace_ends_at_) {
            grace_ends_at_ = elapsed_time::max();
            ask_all_to_end(asked::by_shutdown);
        }
        if (attempts_.empty() && now >= heart_->deadline()) break; // others have it by now
        const bool has_more = co_await turn();
        if (has_more) continue;
        wakes_.set(next_turn());
        co_await bell_->rung.wait();
    }
    co_await leave();
}

task<> node::leave() {
    heart_->stop();
    if (!is_in_) co_return;
    try {
        auto left = link().write([who = me_.by](writing& in) { in.leave(who); });
        co_await left;
    } catch (const std::exception&) { // its lease ends, sooner or later
    }
    is_in_ = false;
    store_.access().changed();
}

/// The store has failed for good: what runs here is asked to end, and waited for.
task<> node::abandon() {
    is_stopping_ = true;
    ask_all_to_end(asked::by_cut_off);
    while (!attempts_.empty()) {
        bell_->rung.reset();
        co_await bell_->rung.wait();
        end_those_not_begun();
    }
}

task<> node::enter() {
    node_row who;
    who.name = options_.name;
    who.kinds = me_.kinds;
    who.labels = me_.labels;
    const elapsed_time sent_at = cicada::now();
    auto entered =
        link().write([who, lease = options_.lease](writing& in) { return in.enter(who, lease); });
    me_.by = co_await entered;
    is_in_ = true;
    heart_->entered(me_.by, sent_at);
    deadline_.set(heart_->deadline());
    look_at_ = compare_at_ = sent_at;
    if (prunes()) prune_at_ = sent_at;
    zones_.clear(); // while it was away others may have decided by older ones: it searches for that
}

elapsed_time node::elapsed_of(wall_time instant) const {
    return later(cicada::now(), between(link().now(), instant));
}

/// When there is something to do, unless something happens.
elapsed_time node::next_turn() const {
    const elapsed_time now = cicada::now();
    if (now < pause_until_) return std::min(pause_until_, grace_ends_at_);
    elapsed_time next = std::min(look_at_, grace_ends_at_);
    if (is_stopping_) return next;
    next = std::min(next, prune_at_);
    if (!heart_->may_begin(now)) return next;
    if (const auto wake = view_.next()) next = std::min(next, elapsed_of(*wake));
    if (!checks_.empty()) next = std::min(next, elapsed_of(*checks_.begin()));
    if (ready_at_ && attempts_.size() < options_.most)
        next = std::min(next, elapsed_of(*ready_at_));
    return next;
}

/// Waits a little, and longer each time. Throws what waiting does not mend.
void node::note_trouble(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const store_error& e) {
        if (is_for_good(e.fault())) throw;
    } catch (const std::exception&) {
    }
    if (pause_ == duration::zero()) report(options_.name, error);
    pause_ = std::clamp(pause_ * 2, first_pause, most_pause);
    pause_until_ = later(cicada::now(), pause_);
}

void node::report(const std::string& whose, std::exception_ptr error) const {
    home_->report_error(whose, std::move(error));
}

} // namespace cicada::detail
