#include <jobs/store_url.hpp>

#include <string>

#include <gtest/gtest.h>

namespace {

using cicada::store_error;
using cicada::detail::parse_store_url;
using cicada::detail::sqlite_durability;
using cicada::detail::sqlite_network;
using cicada::detail::store_url;

std::string refusal(const std::string& url) {
    try {
        parse_store_url(url);
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), cicada::store_fault::bad_url) << url;
        EXPECT_TRUE(url.starts_with(e.place())); // less, where there may be a password
        return e.what();
    }
    return "taken";
}

TEST(store_url, names_memory_or_a_file_and_how_durable_that_is) {
    EXPECT_EQ(parse_store_url("memory:").which, store_url::kind::memory);

    const store_url plain = parse_store_url("sqlite:reports.db");
    EXPECT_EQ(plain.which, store_url::kind::sqlite);
    EXPECT_EQ(plain.file, "reports.db");
    EXPECT_EQ(plain.durability, sqlite_durability::power_loss);

    EXPECT_EQ(parse_store_url("sqlite:/var/lib/a b:c.db").file, "/var/lib/a b:c.db");
    const store_url fast = parse_store_url("sqlite:jobs.db?durability=process_crash");
    EXPECT_EQ(fast.file, "jobs.db");
    EXPECT_EQ(fast.durability, sqlite_durability::process_crash);
    EXPECT_EQ(parse_store_url("sqlite:jobs.db?durability=power_loss").durability,
              sqlite_durability::power_loss);

    EXPECT_EQ(plain.network, sqlite_network::refused);
    EXPECT_EQ(parse_store_url("sqlite:jobs.db?network=refused").network, sqlite_network::refused);
    const store_url both = parse_store_url("sqlite:jobs.db?network=allowed&durability=power_loss");
    EXPECT_EQ(both.file, "jobs.db");
    EXPECT_EQ(both.network, sqlite_network::allowed);
}

TEST(store_url, of_postgresql_is_libpqs_but_for_one_option) {
    const auto plain = parse_store_url("postgresql://app@db1,db2/app?connect_timeout=3");
    EXPECT_EQ(plain.which, store_url::kind::postgres);
    EXPECT_EQ(plain.postgres, "postgresql://app@db1,db2/app?connect_timeout=3");
    EXPECT_TRUE(plain.migrates);
    const auto checked = parse_store_url("postgres://db/app?migrate=check&connect_timeout=3");
    EXPECT_EQ(checked.postgres, "postgres://db/app?connect_timeout=3");
    EXPECT_FALSE(checked.migrates);
    EXPECT_EQ(parse_store_url("postgresql:///app?a=b&migrate=auto").postgres,
              "postgresql:///app?a=b");
}

TEST(store_url, that_is_malformed_is_refused_with_what_mends_it) {
    EXPECT_EQ(refusal("reports.db"),
              "cicada: \"reports.db\" has no scheme: a store is \"memory:\", \"sqlite:FILE\" or "
              "\"postgresql://HOST/DATABASE\"");
    EXPECT_EQ(refusal(""), "cicada: \"\" has no scheme: a store is \"memory:\", \"sqlite:FILE\" or "
                           "\"postgresql://HOST/DATABASE\"");
    EXPECT_EQ(refusal("sqllite:reports.db"),
              "cicada: \"sqllite:reports.db\" has an unknown scheme, "
              "\"sqllite\": did you mean sqlite?");
    EXPECT_EQ(refusal("postgresq://me:secret@db/app"),
              "cicada: \"postgresq:\" has an unknown scheme, \"postgresq\": did you mean "
              "postgresql?");
    EXPECT_EQ(refusal("redis://localhost"),
              "cicada: \"redis://localhost\" has an unknown scheme, \"redis\": a store is "
              "\"memory:\", \"sqlite:FILE\" or \"postgresql://HOST/DATABASE\"");
    EXPECT_EQ(
        refusal("postgresql://me:secret@db1,db2/app?migrate=never"),
        "cicada: \"postgresql:\" says of migrations \"never\": it is auto (default) or check");
    EXPECT_EQ(refusal("memory:tests"),
              "cicada: \"memory:tests\" names more than memory: write \"memory:\"");
    EXPECT_EQ(refusal("sqlite:"), "cicada: \"sqlite:\" names no file: write \"sqlite:jobs.db\"");
    EXPECT_EQ(refusal("sqlite:?durability=power_loss"),
              "cicada: \"sqlite:?durability=power_loss\" names no file: write \"sqlite:jobs.db\"");
    EXPECT_EQ(refusal("sqlite:///var/jobs.db"),
              "cicada: \"sqlite:///var/jobs.db\" begins its file with \"//\": write "
              "\"sqlite:/var/lib/jobs.db\"");
    EXPECT_EQ(refusal("sqlite:jobs.db?durabilty=power_loss"),
              "cicada: \"sqlite:jobs.db?durabilty=power_loss\" has an unknown option, "
              "\"durabilty\": did you mean durability?");
    EXPECT_EQ(refusal("sqlite:jobs.db?"), "cicada: \"sqlite:jobs.db?\" has an unknown option, "
                                          "\"\": there are durability and network");
    EXPECT_EQ(refusal("sqlite:jobs.db?network=allowed&"),
              "cicada: \"sqlite:jobs.db?network=allowed&\" has an unknown option, \"\": there are "
              "durability and network");
    EXPECT_EQ(refusal("sqlite:jobs.db?network=yes"),
              "cicada: \"sqlite:jobs.db?network=yes\" says of a network file system \"yes\": it is "
              "refused (default) or allowed");
    EXPECT_EQ(refusal("sqlite:jobs.db?durability=power-loss"),
              "cicada: \"sqlite:jobs.db?durability=power-loss\" has no such durability, "
              "\"power-loss\": did you mean power_loss?");
    EXPECT_EQ(
        refusal("sqlite:jobs.db?durability"),
        "cicada: \"sqlite:jobs.db?durability\" has no such durability, \"\": it is power_loss "
        "(default) or process_crash");
    EXPECT_EQ(refusal(std::string("sqlite:a") + '\0' + "b"),
              "cicada: \"sqlite:a\" goes on after a NUL: no file can have such a name");
}

} // namespace
