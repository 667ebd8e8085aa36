#include <jobs/cluster/server.hpp>

#include <algorithm>

namespace cicada::detail {

store_server::store_server(const clockwork& when, std::vector<store_check> left_out)
    : when_(when), began_at_(when.now()), clock_began_at_(when.simulated().wall_now()),
      rows_(std::make_shared<memory_store>(memory_options{.now = [this] { return now(); },
                                                          .place = "the simulated cluster",
                                                          .losable = most_lost,
                                                          .left_out = std::move(left_out)})),
      store_(rows_) {}

void store_server::take_down(duration time) noexcept {
    down_until_ = std::max(down_until_, later(when_.now(), time));
}

void store_server::fail_over(std::size_t commits_lost, duration clock_ahead) {
    rows_->lose_last(commits_lost);
    step_clock(clock_ahead);
    ++number_;
}

} // namespace cicada::detail
