#include <jobs/cluster/network.hpp>

#include <algorithm>

namespace cicada::detail {

namespace {

/// Two clocks may drift apart by so much: 100 millionths each way.
constexpr std::int64_t drift_allowed = 5000;

} // namespace

// ---- the store's time --------------------------------------------------------------------------

/// The greatest of the offsets that are known to be none too great is the nearest one. One that an
/// answer proves too great is that of a clock which was set back, or has drifted.
void connection::hear(elapsed_time sent_at, wall_time store_at) noexcept {
    const elapsed_time now = clock.elapsed_now();
    const wall_time at_most = later(store_at, now - sent_at);
    if (offset_ && store_at <= store_now() && store_now() <= at_most) return;
    offset_ = store_at.time_since_epoch() - now.time_since_epoch();
    offset_of_ = now;
}

wall_time connection::store_now() const noexcept {
    if (!offset_) return wall_time{};
    const elapsed_time now = clock.elapsed_now();
    const duration doubt = (now - offset_of_) / drift_allowed;
    return wall_time(*offset_ + now.time_since_epoch() - doubt);
}

// ---- what is carried ---------------------------------------------------------------------------

void cargo::carry_out(store& at) const {
    try {
        if (writes) {
            part* const only = writes.get();
            at.write(std::span(&only, 1));
        } else {
            at.read([this](reading& in) { asks->ask(in); });
        }
    } catch (...) {
        (writes ? writes->error : asks->error) = std::current_exception();
    }
}

void cargo::fail(const store_error& why) const noexcept {
    (writes ? writes->error : asks->error) = std::make_exception_ptr(why);
    answer();
}

// ---- the way there and back --------------------------------------------------------------------

bool network::is_cut(const connection& by) const noexcept {
    return when_.now() < by.cut_until || when_.is_over();
}

bool network::is_lost(const connection& by) noexcept {
    return is_cut(by) || random_(1'000'000) < how_.lost_in_a_million;
}

elapsed_time network::arrival(const connection& by) noexcept {
    const auto most = static_cast<std::uint64_t>(how_.delay.count());
    const duration delay(static_cast<std::int64_t>(random_(most) + (most > 0 ? 1 : 0)));
    return std::max(later(when_.now(), delay), by.held_until);
}

void network::carry(cargo what, std::shared_ptr<connection> by) {
    ++counts_.messages;
    const elapsed_time asked_at = by->clock.elapsed_now();
    const bool could_not_connect = by->is_broken;
    const std::uint64_t server = by->server;
    const auto one =
        std::make_shared<message>(message{std::move(what), std::move(by), asked_at, server});
    const bool is_lost_at_once = one->by->is_gone || is_lost(*one->by);
    if (is_lost_at_once) {
        ++counts_.requests_lost;
        one->by->is_broken = true;
    } else {
        when_.at(arrival(*one->by), [this, one] { arrive(one); });
    }
    const bool is_known_undone = is_lost_at_once && could_not_connect;
    if (when_.is_over()) return give_up(one, is_known_undone);
    one->given_up = when_.at(later(when_.now(), how_.patience),
                             [this, one, is_known_undone] { give_up(one, is_known_undone); });
}

void network::arrive(const shared_message& one) {
    connection& by = *one->by;
    if (is_cut(by)) {
        ++counts_.requests_lost;
        by.is_broken = true;
        return;
    }
    by.server = to_.number();
    if (to_.is_down() || one->server != by.server) return refuse(one);
    {
        const tz_edition::in_force there(by.zones);
        one->what.carry_out(*to_.where());
    }
    if (is_lost(by)) {
        ++counts_.answers_lost;
        by.is_broken = true;
        return;
    }
    when_.at(arrival(by), [this, one, store_at = to_.now()] { answer(one, store_at); });
}

void network::answer(const shared_message& one, wall_time store_at) {
    if (is_cut(*one->by)) {
        ++counts_.answers_lost;
        one->by->is_broken = true;
        return;
    }
    one->by->is_broken = false;
    one->by->hear(one->asked_at, store_at);
    if (std::exchange(one->is_over, true)) return;
    when_.drop(one->given_up);
    one->what.answer();
}

void network::refuse(const shared_message& one) {
    ++counts_.refused;
    when_.at(arrival(*one->by), [this, one] {
        if (std::exchange(one->is_over, true)) return;
        when_.drop(one->given_up);
        fail(*one, store_fault::unreachable, "closed the connection");
    });
}

void network::give_up(const shared_message& one, bool is_known_undone) {
    one->is_over = true;
    const bool is_unknown = one->what.writes && !is_known_undone;
    fail(*one, is_unknown ? store_fault::unknown_outcome : store_fault::unreachable,
         "does not answer");
}

void network::fail(const message& one, store_fault fault, std::string_view what) {
    if (one.by->is_gone) return; // nobody is there to be told
    one.what.fail(store_error(fault, to_.where()->place(), what, "ask again"));
}

void network_link::carry(std::shared_ptr<errand> what) {
    through_.carry({std::move(what), nullptr}, by_);
}

void network_link::carry_reading(std::shared_ptr<question> what) {
    through_.carry({nullptr, std::move(what)}, by_);
}

} // namespace cicada::detail
