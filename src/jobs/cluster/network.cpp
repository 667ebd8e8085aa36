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

duration network::some_delay() noexcept {
    const auto most = static_cast<std::uint64_t>(how_.delay.count());
    return duration(static_cast<std::int64_t>(random_(most) + (most > 0 ? 1 : 0)));
}

void network::carry(cargo what, std::shared_ptr<connection> by) {
    ++counts_.messages;
    const elapsed_time asked_at = by->clock.elapsed_now();
    message one{std::move(what), std::move(by), when_.now(), asked_at};
    if (one.by->is_gone || is_lost(*one.by)) {
        ++counts_.requests_lost;
        const bool could_not_connect = one.by->is_broken;
        return lose(std::move(one), could_not_connect);
    }
    when_.after(some_delay(), [this, one] { arrive(one); });
}

void network::arrive(message one) {
    if (is_cut(*one.by)) {
        ++counts_.requests_lost;
        return lose(std::move(one), false);
    }
    const bool is_known = std::exchange(one.by->server, to_.number()) == to_.number();
    if (to_.is_down() || !is_known) return refuse(std::move(one));
    one.what.carry_out(*to_.where());
    if (is_lost(*one.by)) {
        ++counts_.answers_lost;
        return lose(std::move(one), false);
    }
    when_.after(some_delay(), [this, one, store_at = to_.now()] {
        if (is_cut(*one.by)) {
            ++counts_.answers_lost;
            return lose(one, false);
        }
        one.by->is_broken = false;
        one.by->hear(one.asked_at, store_at);
        one.what.answer();
    });
}

void network::lose(message one, bool is_known_undone) {
    one.by->is_broken = true;
    const bool is_unknown = one.what.writes && !is_known_undone;
    const store_error why(is_unknown ? store_fault::unknown_outcome : store_fault::unreachable,
                          to_.where()->place(), "did not answer", "ask again");
    const elapsed_time given_up_at = std::max(when_.now(), later(one.sent_at, how_.patience));
    when_.at(given_up_at, [one, why] {
        if (!one.by->is_gone) one.what.fail(why); // else nobody is there to be told
    });
}

void network::refuse(message one) {
    ++counts_.refused;
    const store_error why(store_fault::unreachable, to_.where()->place(), "closed the connection",
                          "ask again");
    when_.after(some_delay(), [one, why] { one.what.fail(why); });
}

void network_link::carry(std::shared_ptr<errand> what) {
    through_.carry({std::move(what), nullptr}, by_);
}

void network_link::carry_reading(std::shared_ptr<question> what) {
    through_.carry({nullptr, std::move(what)}, by_);
}

} // namespace cicada::detail
