// What counts handles counts in millions.
#include <cicada/async/spawn.hpp>

#include <vector>

#include <cicada/async/event.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;

namespace {

constexpr int many = 70'000; // more than 16 bits count

task<> wait_for(event& until) { co_await until.wait(); }
task<> await(const join_handle<>& other, int& done) {
    co_await other;
    ++done;
}

} // namespace

TEST(activity, counts_its_handles_in_32_bits_and_takes_no_more_room_for_it) {
    EXPECT_EQ(sizeof(detail::activity), 72u);
    EXPECT_EQ(sizeof(detail::spawned<void>), 88u);
}

TEST(join_handle, is_awaited_by_more_tasks_than_16_bits_count) {
    // Each that waits holds the task: the count wrapped round, and the first to go on freed it.
    bare on;
    event until;
    const auto watched = spawn(wait_for(until));
    int done = 0;
    std::vector<join_handle<>> waiting;
    waiting.reserve(many);
    for (int i = 0; i < many; ++i) waiting.push_back(spawn(await(watched, done)));
    on.settle();
    EXPECT_EQ(done, 0);
    until.set();
    on.settle();
    EXPECT_EQ(done, many);
    EXPECT_TRUE(watched.has_ended());
}
