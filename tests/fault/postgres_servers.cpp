// What needs a server of its own: one whose connections are all taken, and one that only reads.
#include <store/postgres/store.hpp>

#include <deque>
#include <thread>

#include <gmock/gmock.h>
#include <support/postgres_database.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::postgres_client;
using support::postgres_server;
using support::read;
using support::write;
using testing::HasSubstr;

namespace {

template <class F>
void expect(store_fault fault, const std::string& part, F does) {
    try {
        does();
        ADD_FAILURE() << "it is done";
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), fault);
        EXPECT_THAT(e.what(), HasSubstr(part));
    }
}

std::optional<job_id> create(pg_store& in, const std::string& name) {
    return write(in, [&](writing& w) { return w.create({.name = name}); });
}

/// Until there are so many. (Those that are refused take a place for a moment.)
void connect(std::deque<postgres_client>& those, std::size_t count, const std::string& url) {
    while (those.size() < count) {
        try {
            those.emplace_back(url);
        } catch (const store_error&) {
            std::this_thread::sleep_for(10ms);
        }
    }
}

/// Both hosts of two such URLs, in this order.
std::string both(const std::string& first, const std::string& second) {
    const std::size_t host = second.find('@') + 1;
    const std::string other = second.substr(host, second.find('/', host) - host);
    return std::string(first).insert(first.rfind('/'), "," + other);
}

} // namespace

TEST(postgres_servers, that_only_read_or_are_full_say_so) {
    const postgres_server primary("start", "max_connections=6 superuser_reserved_connections=2");
    const std::string admins = primary.url_of("postgres");
    {
        SCOPED_TRACE("a standby");
        const postgres_server standby("standby", primary.folder());
        const std::string only = standby.url_of("postgres");
        for (const std::string& url : {only, only + "?target_session_attrs=any"}) {
            expect(store_fault::read_only, "session is read-only): name the primary, or all of its",
                   [&] { pg_store({.url = url}); });
        }
        pg_store store({.url = both(only, admins)});
        EXPECT_TRUE(create(store, "job"));
        EXPECT_EQ(read(store, [](reading& in) { return in.jobs({}).size(); }), 1u);
    }
    postgres_client admin(admins);
    admin.run("CREATE ROLE app LOGIN");
    admin.run("CREATE DATABASE jobs OWNER app");
    const std::string url = "postgresql://app" + primary.url_of("jobs").substr(admins.find('@'));
    pg_store store({.url = url});
    const auto look = [&] { read(store, [](reading& in) { return in.jobs({}); }); };

    std::deque<postgres_client> others;
    connect(others, 2, url);
    expect(store_fault::unreachable, "remaining connection slots are reserved", look);
    expect(store_fault::unreachable, "): raise max_connections", [&] { pg_store({.url = url}); });
    std::deque<postgres_client> more;
    connect(more, 2, admins);
    expect(store_fault::unreachable, "too many clients already): raise max_connections", look);
    EXPECT_TRUE(create(store, "job")); // which it had one for

    others.clear();
    more.clear();
    bool is_done = false; // as soon as the server has seen that they are gone
    for (int i = 0; i < 1000 && !is_done; ++i) {
        try {
            look();
            is_done = true;
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), store_fault::unreachable);
            std::this_thread::sleep_for(10ms);
        }
    }
    EXPECT_TRUE(is_done);
}
