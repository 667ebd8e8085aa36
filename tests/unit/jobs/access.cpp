#include <jobs/access.hpp>

#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include <cicada/cicada.hpp>
#include <jobs/direct_link.hpp>
#include <store/memory/store.hpp>

using namespace std::chrono_literals;

namespace {

using cicada::detail::direct_link;
using cicada::detail::memory_store;
using cicada::detail::store_access;

std::unique_ptr<store_access> make_access() {
    const auto now = [] { return cicada::wall_time(); };
    auto store = std::make_shared<memory_store>(cicada::detail::memory_options{.now = now});
    auto link = std::make_unique<direct_link>(*store, now);
    return std::make_unique<store_access>(std::move(store), std::move(link));
}

TEST(store_access, tells_those_who_want_to_know_on_their_loop) {
    cicada::simulation sim;
    const auto access = make_access();
    const auto one = std::make_shared<cicada::event>(), two = std::make_shared<cicada::event>();
    access->tell(one);
    access->tell(two);
    sim.settle();
    EXPECT_FALSE(one->is_set());
    access->changed();
    EXPECT_FALSE(one->is_set()) << "not within the call";
    sim.settle();
    EXPECT_TRUE(one->is_set());
    EXPECT_TRUE(two->is_set());
}

TEST(store_access, tells_again_of_what_comes_after_a_reset) {
    cicada::simulation sim;
    const auto access = make_access();
    const auto wake = std::make_shared<cicada::event>();
    access->tell(wake);
    for (int i = 0; i < 3; ++i) {
        access->changed();
        access->changed();
        sim.settle();
        EXPECT_TRUE(wake->is_set());
        wake->reset();
        sim.settle();
        EXPECT_FALSE(wake->is_set()) << "two at once are one";
    }
}

TEST(store_access, is_told_on_any_thread_and_forgets_those_who_have_gone) {
    const auto access = make_access();
    {
        cicada::simulation sim;
        auto gone = std::make_shared<cicada::event>();
        access->tell(gone);
        access->changed();
        gone.reset();
        sim.settle();
        const auto wake = std::make_shared<cicada::event>();
        access->tell(wake);
        std::thread([&] { access->changed(); }).join();
        sim.settle();
        EXPECT_TRUE(wake->is_set());
    }
    access->changed(); // their loop is gone as well
    cicada::simulation sim;
    const auto wake = std::make_shared<cicada::event>();
    access->tell(wake);
    access->changed();
    sim.settle();
    EXPECT_TRUE(wake->is_set());
}

} // namespace
