// More holders at a time than 16 bits count, from another thread while the loop is busy.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <cicada/cicada.hpp>
#include <support/form.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using support::form;
using support::wait_in;

constexpr int many = 70'000;

task<> wait_long(form how) { co_await wait_in(how, sleep(1h)); }

TEST(handle, is_cancelled_by_another_thread_more_often_than_16_bits_count_while_the_loop_is_busy) {
    // Each request that waits in the inbox holds its task: the count wrapped round, and the first
    // of them freed it.
    loop_thread background;
    for (const form how : {form::thrown, form::told}) {
        auto work = spawn(background.get(), wait_long(how));
        std::atomic<bool> is_busy{false};
        std::atomic<bool> may_go_on{false};
        background.get().post([&] {
            is_busy.store(true);
            while (!may_go_on.load()) std::this_thread::yield();
        });
        while (!is_busy.load()) std::this_thread::yield();
        for (int i = 0; i < many; ++i) static_cast<void>(work.cancel());
        may_go_on.store(true);
        work.cancel().wait();
        EXPECT_THROW(work.wait(), task_cancelled);
    }
}

} // namespace
