/// Zones beside the C library, which reads the same files with code of its own.

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/zone.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

using namespace cicada;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

/// Sets the C library's zone, and back at the end.
class c_library {
public:
    c_library() {
        if (const char* tz = std::getenv("TZ")) was_ = tz;
    }
    ~c_library() {
        if (was_) {
            use(*was_);
        } else {
            unsetenv("TZ");
            tzset();
        }
    }
    void use(const std::string& tz) {
        setenv("TZ", tz.c_str(), 1);
        tzset();
    }
    static std::tm local(sys_seconds instant) {
        const std::time_t t = instant.time_since_epoch().count();
        std::tm fields{};
        localtime_r(&t, &fields);
        return fields;
    }
    static seconds offset(sys_seconds instant) { return seconds(local(instant).tm_gmtoff); }

private:
    std::optional<std::string> was_;
};

const sys_seconds first{std::chrono::floor<seconds>(parse_instant("1900-01-01T00:00:00Z"))};
const sys_seconds last_listed{std::chrono::floor<seconds>(parse_instant("2037-12-31T00:00:00Z"))};
const sys_seconds last{std::chrono::floor<seconds>(parse_instant("2100-01-01T00:00:00Z"))};

std::vector<sys_seconds> changes_of(const zone& z) {
    std::vector<sys_seconds> changes;
    for (wall_time t = z.at(first).until; t < last_listed; t = z.at(t).until) {
        changes.push_back(std::chrono::floor<seconds>(t));
    }
    return changes;
}

void expect_same(const zone& z, sys_seconds instant) {
    const zone::stretch ours = z.at(instant);
    const std::tm theirs = c_library::local(instant);
    ASSERT_TRUE(ours.offset.count() == theirs.tm_gmtoff && ours.is_dst == (theirs.tm_isdst > 0) &&
                ours.abbreviation == theirs.tm_zone && ours.from <= instant && instant < ours.until)
        << z.name() << " at " << format_instant(instant) << ": " << ours.offset.count() << ' '
        << ours.is_dst << ' ' << ours.abbreviation << ", not " << theirs.tm_gmtoff << ' '
        << theirs.tm_isdst << ' ' << theirs.tm_zone;
}

/// The first instant at which the C library shows `local` (seconds as if it were UTC), by trying
/// every offset that there was within two days; none: it leaps over it.
std::optional<sys_seconds> first_shown(sys_seconds local, const std::vector<seconds>& offsets) {
    std::optional<sys_seconds> found;
    for (const seconds offset : offsets) {
        const sys_seconds t = local - offset;
        if (c_library::offset(t) == offset && (!found || t < *found)) found = t;
    }
    return found;
}

void expect_same_instant(const zone& z, sys_seconds local, const std::vector<seconds>& offsets) {
    const local_time wanted(local.time_since_epoch());
    const std::optional<sys_seconds> shown = first_shown(local, offsets);
    ASSERT_EQ(z.to_instant(wanted, gap::skip), shown) << z.name() << ' ' << format_instant(local);
    const wall_time run = z.to_instant(wanted).value();
    if (shown && run == *shown) return;
    // It leaps over it at `run`: earlier just before, later from then on. That comes first, even if
    // it is shown later.
    const auto leap = std::chrono::floor<seconds>(run);
    ASSERT_EQ(run, leap);
    ASSERT_LT(leap - 1s + c_library::offset(leap - 1s), local)
        << z.name() << ' ' << format_instant(local);
    ASSERT_GT(leap + c_library::offset(leap), local) << z.name() << ' ' << format_instant(local);
    ASSERT_TRUE(!shown || leap < *shown);
}

} // namespace

TEST(zone_beside_the_c_library, says_the_same_of_every_instant) {
    c_library library;
    std::mt19937_64 random(1);
    std::size_t changes = 0;
    for (const std::string& name : zone::names()) {
        const zone z(name);
        library.use(':' + name);
        for (const sys_seconds t : changes_of(z)) {
            ++changes;
            for (const seconds off : {-1s, 0s, 1s}) expect_same(z, t + off);
        }
        for (sys_seconds t = first; t < last; t += days(20)) {
            expect_same(z, t + seconds(random() % 1'728'000));
        }
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(changes, 20'000u); // else there is hardly a database to compare with
}

TEST(zone_beside_the_c_library, finds_the_same_instant_for_a_local_time) {
    c_library library;
    std::mt19937_64 random(2);
    for (const std::string& name : zone::names()) {
        const zone z(name);
        library.use(':' + name);
        for (const sys_seconds t : changes_of(z)) {
            const seconds before = c_library::offset(t - 1s);
            const seconds after = c_library::offset(t);
            std::vector<seconds> offsets{before, after};
            for (sys_seconds near = t - days(2); near <= t + days(2); near += 6h) {
                offsets.push_back(c_library::offset(near));
            }
            std::sort(offsets.begin(), offsets.end());
            offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
            for (const seconds edge : {before, after}) {
                for (const seconds off : {-1s, 0s, 1s}) {
                    expect_same_instant(z, t + edge + off, offsets);
                }
            }
            const auto within = seconds(random() % 90'000) - 45'000s;
            expect_same_instant(z, t + before + within, offsets);
        }
        if (HasFatalFailure()) return;
    }
}

TEST(zone_beside_the_c_library, reads_the_same_from_posix_strings) {
    c_library library;
    std::mt19937_64 random(3);
    for (const char* text : {"<+03>-3", "CET-1CEST,M3.5.0,M10.5.0/3", "NZST-12NZDT,M9.5.0,M4.1.0/3",
                             "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "IST-1GMT0,M10.5.0,M3.5.0/1",
                             "EET-2EEST,M4.5.5/0,M10.5.4/24", "EST5EDT,J60,J300/1:30:15",
                             "AAA-3:30:15BBB,59/0,299/3", "EET-2EEST,M3.4.4/50,M10.4.4/50"}) {
        library.use(text);
        const zone z(text);
        for (sys_seconds t = last_listed; t < last; t += days(3)) {
            expect_same(z, t + seconds(random() % 259'200));
        }
    }
}
