/// Lookups in zones, and the making of zones, while their rules are replaced.

#include <cicada/schedule/zone.hpp>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/tz_directory.hpp>
#include <unistd.h>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

class zones : public ::testing::Test, protected support::tz_directory {};

} // namespace

TEST_F(zones, show_old_rules_or_new_ones_but_never_both) {
    constexpr int threads = 3;
    constexpr int reloads = 200;
    write_zone("Racing", "ONE-1");
    const zone racing("Racing");
    std::atomic<bool> is_over = false;
    std::atomic<int> torn = 0;
    std::atomic<int> unequal = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < threads; ++i) {
        readers.emplace_back([&] {
            while (!is_over.load(std::memory_order_relaxed)) {
                const zone::stretch s = racing.at(wall_time());
                const bool is_one = s.abbreviation == "ONE" && s.offset == 1h;
                const bool is_two = s.abbreviation == "TWO" && s.offset == 2h;
                if (!is_one && !is_two) ++torn;
                if (racing.to_instant(local_time()) > wall_time(-1h)) ++torn;
                if (zone("Racing") != racing) ++unequal;
            }
        });
    }
    int changes = 0;
    for (int i = 0; i < reloads; ++i) {
        write_zone("Racing", i % 2 == 0 ? "TWO-2" : "ONE-1");
        changes += reload_tz() ? 1 : 0;
    }
    is_over = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(changes, reloads);
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(unequal, 0);
}
