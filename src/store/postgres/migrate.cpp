#include <store/postgres/migrate.hpp>

#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include <store/postgres/sql.hpp>

namespace cicada::detail {

namespace {

constexpr duration patience = std::chrono::minutes(5);
constexpr duration between_tries = std::chrono::milliseconds(500);

using migrations = std::span<const pg_migration>;

std::int64_t last_version(migrations by) noexcept { return static_cast<std::int64_t>(by.size()); }

struct version {
    std::int64_t is = 0;
    std::int64_t least = 0;
};

/// A transaction that is undone unless it is committed.
class transaction {
public:
    explicit transaction(pg_connection& in) : in_(in) {
        // So that it sees, once it has the lock, what whoever had it before has done.
        in_.run("BEGIN ISOLATION LEVEL READ COMMITTED");
    }
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    ~transaction() {
        if (is_over_ || !in_.is_usable()) return;
        try {
            in_.run("ROLLBACK");
        } catch (const std::exception&) {
        }
    }
    void commit() {
        in_.run("COMMIT", pg_moment::committing);
        is_over_ = true;
    }

private:
    pg_connection& in_;
    bool is_over_ = false;
};

/// None: there is no schema of ours.
std::optional<version> read_version(pg_connection& in, const std::string& place) {
    try {
        pg_rows rows = in.run(pg_statement(pg_sql_schema, "version"), {});
        if (rows.next()) return version{rows.integer(0), rows.integer(1)};
    } catch (const store_error& e) {
        if (e.fault() != store_fault::not_a_store) throw;
        return std::nullopt;
    }
    throw store_error(store_fault::corrupt, place, "has no row in cicada.meta",
                      "restore a backup, or drop the schema cicada");
}

/// Whether it is as this program needs it.
bool is_as_needed(const std::optional<version>& there, const std::string& place, migrations by) {
    if (!there) return false;
    if (there->least > last_version(by)) {
        throw store_error(store_fault::too_new, place,
                          "is of version " + std::to_string(there->is) +
                              ", and this program knows " + std::to_string(last_version(by)),
                          "use the version of cicada that made it, or a later one");
    }
    return there->is >= last_version(by);
}

constexpr std::string_view mended_by_owner =
    "open it once as the user that owns the schema, without \"migrate=check\"";

/// What is there, and is not as needed.
std::string as_it_is(const std::optional<version>& there, migrations by) {
    if (!there) return "has no schema \"cicada\"";
    return "is of version " + std::to_string(there->is) + ", and this program needs " +
           std::to_string(last_version(by));
}

/// Texts are UTF-8, or bytes, which SQL_ASCII takes as they are.
void refuse_other_encodings(pg_connection& in, const std::string& place) {
    const std::string_view encoding = in.encoding();
    if (encoding.empty() || encoding == "UTF8" || encoding == "SQL_ASCII") return;
    throw store_error(store_fault::not_a_store, place,
                      "keeps texts as " + std::string(encoding) + ", which lacks characters",
                      "create a database with \"ENCODING 'UTF8' TEMPLATE template0\"");
}

void refuse_what_is_not_ours(pg_connection& in, const std::string& place) {
    pg_rows rows = in.run(pg_statement(pg_sql_schema, "is_taken"), {});
    if (!rows.next() || rows.integer(0) == 0) return;
    throw store_error(store_fault::not_a_store, place,
                      "has a schema \"cicada\" that is something else's",
                      "use a database of its own");
}

void bring_up_to_date(pg_connection& in, const std::string& place, migrations by) {
    transaction work(in);
    in.run(pg_statement(pg_sql_schema, "lock"), {});
    // Whoever had the lock before may have done it. (An error undoes all, so it is asked apart.)
    in.run("SAVEPOINT look");
    std::optional<version> there = read_version(in, place);
    in.run("ROLLBACK TO SAVEPOINT look");
    if (is_as_needed(there, place, by)) return;
    if (!there) {
        refuse_what_is_not_ours(in, place);
        in.run(pg_statement(pg_sql_schema, "create"));
        there.emplace();
    }
    for (; there->is < last_version(by); ++there->is) {
        const pg_migration& next = by[static_cast<std::size_t>(there->is)];
        in.run(std::string(next.sql));
        there->least = next.least_version;
    }
    in.run(pg_statement(pg_sql_schema, "note"), pg_values().add(there->is).add(there->least));
    work.commit();
}

/// It may take minutes.
void tell_of_wait(const std::string& place, migrations by) {
    std::fprintf(stderr,
                 "cicada: \"%s\" is to be brought to version %zu, and waits until others let go "
                 "of it: pg_stat_activity says who\n",
                 place.c_str(), by.size());
}

} // namespace

std::span<const pg_migration> all_pg_migrations() noexcept {
    static const pg_migration all[] = {{pg_sql_migrations_0001, 1}};
    return all;
}

void migrate(pg_connection& in, const std::string& place, pg_migrations how, migrations by) {
    refuse_other_encodings(in, place);
    const std::optional<version> there = read_version(in, place);
    if (is_as_needed(there, place, by)) return;
    if (how == pg_migrations::checked) {
        throw store_error(store_fault::not_a_store, place, as_it_is(there, by), mended_by_owner);
    }
    const elapsed_time until = later(elapsed_clock::now(), patience);
    for (bool was_told = false;;) {
        std::optional<store_error> busy;
        try {
            return bring_up_to_date(in, place, by);
        } catch (const store_error& e) {
            if (there && e.fault() == store_fault::no_rights) {
                throw store_error(e.fault(), place,
                                  as_it_is(there, by) + ", to which this user may not bring it",
                                  mended_by_owner);
            }
            if (e.fault() != store_fault::busy || !in.is_usable()) throw;
            busy = e;
        } catch (const pg_try_again& e) {
            busy = e.why;
        }
        if (elapsed_clock::now() > until) throw store_error(*busy);
        if (!std::exchange(was_told, true)) tell_of_wait(place, by);
        std::this_thread::sleep_for(between_tries);
    }
}

} // namespace cicada::detail
