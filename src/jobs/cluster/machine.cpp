#include <jobs/cluster/machine.hpp>

#include <algorithm>

#include <cicada/loop/run.hpp>
#include <schedule/name_hash.hpp>

namespace cicada::detail {

// ---- clocks ------------------------------------------------------------------------------------

namespace {
constexpr std::int64_t million = 1'000'000;
}

machine_clocks::machine_clocks(elapsed_time simulated, wall_time store,
                               const machine_options& how) noexcept
    : began_at_(simulated), wall_began_at_(later(store, how.clock_ahead)),
      rate_(million + how.drift) {}

elapsed_time machine_clocks::elapsed(elapsed_time simulated) const noexcept {
    const int128 passed = int128{(simulated - began_at_).count()} * rate_ / million;
    return begin + duration(static_cast<std::int64_t>(passed));
}

wall_time machine_clocks::wall(elapsed_time simulated) const noexcept {
    return wall_began_at_ + (elapsed(simulated) - begin);
}

elapsed_time machine_clocks::simulated(elapsed_time own) const noexcept {
    const int128 passed = (int128{(own - begin).count()} * million + rate_ - 1) / rate_;
    if (passed > (elapsed_time::max() - began_at_).count()) return elapsed_time::max();
    return began_at_ + duration(static_cast<std::int64_t>(passed));
}

// ---- the machine -------------------------------------------------------------------------------

machine::machine(std::string name, clockwork& when, network& through, store_server& to,
                 const machine_options& how, std::uint64_t seed)
    : name_(std::move(name)), when_(when), through_(through), to_(to),
      clocks_(when.now(), to.now(), how), seeds_(seed ^ name_hash(name_)) {
    connect();
    when_.add(*this);
}

machine::~machine() { power_off(); }

void machine::connect() {
    connection_ = std::make_shared<connection>(*this, to_.number());
    connection_->cut_until = cut_until_;
    connection_->held_until = held_until_;
    connection_->zones = zones_;
    access_ = std::make_shared<store_access>(to_.where(),
                                             std::make_unique<network_link>(through_, connection_));
}

void machine::run(machine_program program) {
    program_ = std::move(program);
    restart();
}

void machine::restart() {
    crash();
    if (loop_) {
        is_to_restart_ = true;
    } else {
        start();
    }
}

void machine::start() {
    loop& outside = when_.simulated();
    const auto report = [&outside](const error_report& what) {
        outside.report_error(what.task, what.error);
    };
    loop_.reset(new loop(*this, {.on_error = report, .seed = seeds_(UINT64_MAX)}));
    main_ = spawn(*loop_, {.name = name_}, program_, store());
    wake();
}

void machine::stop() {
    if (loop_) main_.cancel();
}

void machine::crash() noexcept {
    if (!loop_) return;
    connection_->is_gone = true;
    is_doomed_ = true;
    if (!is_in_turn_) power_off();
}

void machine::power_off() noexcept {
    if (!loop_) return;
    connection_->is_gone = true;
    loop_->abandon_tasks();
    main_ = {};
    loop_.reset();
    next_.reset();
    is_woken_ = is_doomed_ = false;
    connect();
    if (std::exchange(is_to_restart_, false) && !when_.is_over()) start();
}

void machine::freeze(duration time) noexcept {
    frozen_until_ = std::max(frozen_until_, later(when_.now(), time));
    when_.look_again();
}

void machine::cut_off(duration time) noexcept {
    cut_until_ = std::max(cut_until_, later(when_.now(), time));
    connection_->cut_until = cut_until_;
}

void machine::hold_back(duration time) noexcept {
    held_until_ = std::max(held_until_, later(when_.now(), time));
    connection_->held_until = held_until_;
}

void machine::step_clock(duration by) noexcept {
    clocks_.step(by);
    wake();
}

void machine::update_zones(const std::filesystem::path& tz_directory) {
    zones_ = connection_->zones = std::make_shared<tz_edition>(tz_directory);
    const tz_edition::in_force here(zones_);
    if (loop_) loop_->reconsider();
}

void machine::wake() noexcept {
    is_woken_ = true;
    when_.look_again();
}

// ---- turns -------------------------------------------------------------------------------------

std::optional<elapsed_time> machine::due_at() const noexcept {
    if (!loop_ || (!is_woken_ && !next_)) return std::nullopt;
    const elapsed_time at = is_woken_ ? when_.now() : clocks_.simulated(*next_);
    return std::max(at, frozen_until_);
}

void machine::turn() noexcept {
    const tz_edition::in_force here(zones_);
    is_in_turn_ = true;
    is_woken_ = false;
    next_ = loop_->run_ready();
    is_in_turn_ = false;
    if (is_doomed_ || main_.has_ended()) power_off();
}

} // namespace cicada::detail
