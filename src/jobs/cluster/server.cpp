#include <jobs/cluster/server.hpp>

#include <algorithm>

namespace cicada::detail {

store_server::store_server(const clockwork& when, memory_options rows)
    : when_(when), began_at_(when.now()), clock_began_at_(when.simulated().wall_now()),
      rows_(std::make_shared<memory_store>(of_server(std::move(rows)))), store_(rows_) {}

memory_options store_server::of_server(memory_options rows) {
    rows.now = [this] { return now(); };
    rows.place = "the simulated cluster";
    rows.losable = most_lost;
    return rows;
}

void store_server::take_down(duration time) noexcept {
    down_until_ = std::max(down_until_, later(when_.now(), time));
}

void store_server::fail_over(std::size_t commits_lost, duration clock_ahead) {
    rows_->lose_last(commits_lost);
    step_clock(clock_ahead);
    ++number_;
}

} // namespace cicada::detail
