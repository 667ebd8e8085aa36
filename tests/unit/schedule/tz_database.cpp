#include <schedule/tz_database.hpp>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/zone.hpp>
#include <schedule/tz_edition.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <support/tz_directory.hpp>
#include <unistd.h>

using namespace cicada;
using namespace std::chrono_literals;
using cicada::detail::local_zone_name;
using cicada::detail::tz_edition;
using cicada::detail::tz_mark;
using support::tzif_bytes;
namespace fs = std::filesystem;

namespace {

class tz_database : public ::testing::Test, protected support::tz_directory {};

} // namespace

TEST_F(tz_database, is_where_tzdir_says) {
    write_zone("Test/Atlantis", "ATL-2:30");
    EXPECT_EQ(zone("Test/Atlantis").at(wall_time()).offset, 2h + 30min);
    EXPECT_EQ(zone::names(), std::vector<std::string>{"Test/Atlantis"});
}

TEST_F(tz_database, lists_nothing_but_zones) {
    for (const char* name : {"Test/B", "Test/A", "posix/Test/A", "right/Test/A", "posixrules",
                             "localtime", "Factory"}) {
        write_zone(name, "AAA0");
    }
    write("zone.tab", "not TZif");
    write("TZ", "TZ");
    EXPECT_EQ(zone::names(), (std::vector<std::string>{"Test/A", "Test/B"}));
}

TEST_F(tz_database, need_not_be_there_for_utc) {
    fs::remove_all(path);
    EXPECT_EQ(zone("Etc/UTC"), zone());
    EXPECT_TRUE(zone::names().empty());
    EXPECT_EQ(tz_version(), "unknown");
    try {
        zone z("Test/Lemuria");
        FAIL() << "accepted";
    } catch (const unknown_zone& e) {
        EXPECT_EQ(std::string(e.what()),
                  "cicada: there is no time zone \"Test/Lemuria\", and no tz "
                  "database in " +
                      path.string());
    }
}

TEST_F(tz_database, has_no_zones_beyond_its_pathnor_under_odd_names) {
    write_zone("Test/Here", "AAA-3");
    write("zone.tab", "a table");
    EXPECT_NO_THROW(zone("Test/Here"));
    const std::string parent = path.filename().string();
    for (const std::string& bad :
         {std::string(), (path / "Test/Here").string(), "../" + parent + "/Test/Here",
          std::string("Test/../Test/Here"), std::string("Test/./Here"), std::string("./Test/Here"),
          std::string("Test//Here"), std::string("Test/Here/"), std::string("Test"),
          std::string("Test/"), std::string("zone.tab"), std::string("Test/Here\0", 10),
          std::string("Test/Here ")}) {
        EXPECT_THROW(zone{bad}, unknown_zone) << bad;
    }
}

TEST_F(tz_database, gives_the_name_the_reason_and_the_names_that_are_near) {
    write_zone("Test/Here", "AAA-3");
    write_zone("Test/Hera", "AAA-3");
    write("Other/Short", "TZif");
    try {
        zone z("Test/Her");
        FAIL() << "accepted";
    } catch (const unknown_zone& e) {
        EXPECT_EQ(e.name(), "Test/Her");
        EXPECT_EQ(e.reason(), "there is no time zone \"Test/Her\"");
        EXPECT_EQ(e.suggestions(), (std::vector<std::string>{"Test/Hera", "Test/Here"}));
        EXPECT_EQ(std::string(e.what()), "cicada: there is no time zone \"Test/Her\"; did you mean "
                                         "\"Test/Hera\" or \"Test/Here\"?");
    }
    try {
        zone z("Other/Short");
        FAIL() << "accepted";
    } catch (const unknown_zone& e) {
        EXPECT_EQ(e.name(), "Other/Short");
        EXPECT_EQ(e.reason(), "time zone \"Other/Short\": the file is cut short");
        EXPECT_TRUE(e.suggestions().empty());
    }
}

TEST_F(tz_database, says_what_is_wrong_with_a_file) {
    tzif_bytes file;
    file.leaps = 27;
    write("Test/Leaps", file.bytes());
    write("Test/Short", file.bytes().substr(0, 30));
    write("Test/Text", "a zone");
    const auto message = [](const char* name) -> std::string {
        try {
            zone z(name);
            return "accepted";
        } catch (const unknown_zone& e) {
            return e.what();
        }
    };
    EXPECT_TRUE(
        message("Test/Leaps").starts_with("cicada: time zone \"Test/Leaps\": the file counts"));
    EXPECT_EQ(message("Test/Short"), "cicada: time zone \"Test/Short\": the file is cut short");
    EXPECT_TRUE(message("Test/Text").starts_with("cicada: there is no time zone \"Test/Text\""));
}

TEST_F(tz_database, gives_its_version_wherever_it_stands) {
    EXPECT_EQ(tz_version(), "unknown");
    write("version", "2024a\n");
    EXPECT_EQ(tz_version(), "2024a");
    write("+VERSION", "2024b\n");
    EXPECT_EQ(tz_version(), "2024b");
    write("tzdata.zi", "# version 2025b\n# This zic input file is in the public domain.\n");
    EXPECT_EQ(tz_version(), "2025b");
}

TEST_F(tz_database, is_followed_by_zone_values_once_reloaded) {
    write_zone("Test/Moving", "OLD-1");
    write_zone("Test/Still", "AAA-1");
    const zone moving("Test/Moving");
    const zone still("Test/Still");
    const zone::stretch before = moving.at(wall_time());
    EXPECT_FALSE(reload_tz());

    write_zone("Test/Moving", "NEW-2");
    EXPECT_EQ(moving.at(wall_time()).offset, 1h) << "nothing changes by itself";
    EXPECT_TRUE(reload_tz());
    EXPECT_EQ(moving.at(wall_time()).offset, 2h);
    EXPECT_EQ(moving.at(wall_time()).abbreviation, "NEW");
    EXPECT_EQ(moving, zone("Test/Moving"));
    EXPECT_EQ(still.at(wall_time()).offset, 1h);
    EXPECT_EQ(before.abbreviation, "OLD") << "views of the old rules live on";
    EXPECT_FALSE(reload_tz());
}

TEST_F(tz_database, has_another_edition_in_force_for_a_while) {
    write("tzdata.zi", "# version 2026a\n");
    write_zone("Test/Edited", "OLD-1");
    write_zone("Test/Kept", "AAA-1");
    write("newer/tzdata.zi", "# version 2026b\n");
    write_zone("newer/Test/Edited", "NEW-2");
    write_zone("newer/Test/Late", "BBB-2");
    write_zone("Test/Late", "BBB-1");
    reload_tz();
    const zone edited("Test/Edited"), kept("Test/Kept");
    const auto newer = std::make_shared<tz_edition>(path / "newer");
    EXPECT_EQ(edited.at(wall_time()).offset, 1h);
    {
        const tz_edition::in_force here(newer);
        EXPECT_EQ(tz_mark(), "2026b");
        EXPECT_EQ(edited.at(wall_time()).offset, 2h);
        EXPECT_EQ(kept.at(wall_time()).offset, 1h);
        EXPECT_EQ(zone("Test/Late").at(wall_time()).offset, 2h) << "one that was not in use yet";
        {
            const tz_edition::in_force nothing(nullptr);
            write("older/tzdata.zi", "# version 2020a\n");
            write_zone("older/Test/Edited", "OLD-0");
            const tz_edition::in_force within(std::make_shared<tz_edition>(path / "older"));
            EXPECT_EQ(tz_mark(), "2020a");
            EXPECT_EQ(edited.at(wall_time()).offset, 0h);
            EXPECT_EQ(zone("Test/Late").at(wall_time()).offset, 1h);
        }
        EXPECT_EQ(edited.at(wall_time()).offset, 2h);
        write_zone("Test/Edited", "LAX-3");
        EXPECT_FALSE(reload_tz()) << "an edition stays as it is";
        EXPECT_EQ(tz_mark(), "2026b");
    }
    EXPECT_EQ(tz_mark(), "2026a");
    EXPECT_EQ(edited.at(wall_time()).offset, 1h);
    EXPECT_EQ(zone("Test/Late").at(wall_time()).offset, 1h);
    EXPECT_TRUE(reload_tz());
    EXPECT_EQ(edited.at(wall_time()).offset, 3h);
}

TEST_F(tz_database, keeps_the_old_rules_of_a_file_that_cannot_be_read) {
    write_zone("Test/Broken", "AAA-3");
    const zone z("Test/Broken");
    write("Test/Broken", "TZif2 but cut short");
    EXPECT_FALSE(reload_tz());
    EXPECT_EQ(z.at(wall_time()).offset, 3h);
    fs::remove(path / "Test/Broken");
    EXPECT_FALSE(reload_tz());
    EXPECT_EQ(z.at(wall_time()).offset, 3h);
    EXPECT_EQ(zone("Test/Broken"), z);
}

TEST_F(tz_database, has_the_local_zone_under_the_name_in_tz) {
    write_zone("Test/Here", "AAA-3");
    const fs::path etc = path / "etc";
    EXPECT_EQ(local_zone_name("Test/Here", etc), "Test/Here");
    EXPECT_EQ(local_zone_name(":Test/Here", etc), "Test/Here");
    EXPECT_EQ(local_zone_name("/usr/share/zoneinfo/Test/Here", etc), "Test/Here");
    EXPECT_EQ(local_zone_name("", etc), "UTC");
    EXPECT_EQ(local_zone_name(":", etc), "UTC");
    EXPECT_EQ(local_zone_name("CET-1CEST,M3.5.0,M10.5.0/3", etc), "CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(local_zone_name("UTC+3", etc), "<UTC>+3");
    EXPECT_EQ(local_zone_name("<+03>-3", etc), "<+03>-3");
    EXPECT_EQ(zone(local_zone_name("UTC+3", etc)).at(wall_time()).offset, -3h);
    EXPECT_THROW(zone(local_zone_name("Test/Elsewhere", etc)), unknown_zone);
    EXPECT_THROW(zone(local_zone_name("CET-1CEST", etc)), unknown_zone);
    EXPECT_THROW(zone(local_zone_name("CET-1CEST,M3", etc)), unknown_zone);
    EXPECT_THROW(zone(local_zone_name("/a/file", etc)), unknown_zone);
}

TEST_F(tz_database, has_the_local_zone_that_etc_localtime_links_to) {
    write_zone("Test/Here", "AAA-3");
    write_zone("Test/There", "AAA-3");
    const fs::path etc = path / "etc";
    fs::create_directories(etc);
    EXPECT_EQ(local_zone_name(nullptr, etc), "UTC") << "neither file";

    std::ofstream(etc / "timezone") << "Test/There\n";
    EXPECT_EQ(local_zone_name(nullptr, etc), "Test/There");
    fs::create_symlink("../usr/share/zoneinfo/Test/Here", etc / "localtime");
    EXPECT_EQ(local_zone_name(nullptr, etc), "Test/Here");
    EXPECT_EQ(local_zone_name((etc / "localtime").c_str(), etc), "Test/Here");
    EXPECT_EQ(local_zone_name((':' + (etc / "localtime").string()).c_str(), etc), "Test/Here");
    fs::remove(etc / "localtime");
    fs::create_symlink("/usr/share/zoneinfo/posix/Test/Here", etc / "localtime");
    EXPECT_EQ(local_zone_name(nullptr, etc), "Test/Here");
    fs::remove(etc / "localtime");
    fs::create_symlink("/usr/share/zoneinfo/Test/Gone", etc / "localtime");
    EXPECT_EQ(local_zone_name(nullptr, etc), "Test/There");

    fs::remove(etc / "timezone");
    write_zone("localtime", "AAA-3");
    EXPECT_EQ(local_zone_name(nullptr, etc), "localtime") << "no name, but rules";
}
