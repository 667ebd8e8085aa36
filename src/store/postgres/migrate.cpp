#include <store/postgres/migrate.hpp>

#include <optional>
#include <thread>

#include <store/postgres/sql.hpp>

namespace cicada::detail {

namespace {

constexpr duration patience = std::chrono::minutes(5);
constexpr duration between_tries = std::chrono::milliseconds(500);

struct migration {
    const std::string_view* sql;
    std::int64_t least_version; // that works with what it makes
};
constexpr migration known[] = {{&pg_sql_migrations_0001, 1}};
constexpr auto last_version = static_cast<std::int64_t>(std::size(known));

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
bool is_as_needed(const std::optional<version>& there, const std::string& place) {
    if (!there) return false;
    if (there->least > last_version) {
        throw store_error(store_fault::too_new, place,
                          "is of version " + std::to_string(there->is) +
                              ", and this program knows " + std::to_string(last_version),
                          "use the version of cicada that made it, or a later one");
    }
    return there->is >= last_version;
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

void bring_up_to_date(pg_connection& in, const std::string& place) {
    transaction work(in);
    in.run(pg_statement(pg_sql_schema, "lock"), {});
    // Whoever had the lock before may have done it. (An error undoes all, so it is asked apart.)
    in.run("SAVEPOINT look");
    std::optional<version> there = read_version(in, place);
    in.run("ROLLBACK TO SAVEPOINT look");
    if (is_as_needed(there, place)) return;
    if (!there) {
        refuse_what_is_not_ours(in, place);
        in.run(pg_statement(pg_sql_schema, "create"));
        there.emplace();
    }
    for (; there->is < last_version; ++there->is) {
        const migration& next = known[there->is];
        in.run(std::string(*next.sql));
        there->least = next.least_version;
    }
    in.run(pg_statement(pg_sql_schema, "note"), pg_values().add(there->is).add(there->least));
    work.commit();
}

} // namespace

void migrate(pg_connection& in, const std::string& place, pg_migrations how) {
    refuse_other_encodings(in, place);
    const std::optional<version> there = read_version(in, place);
    if (is_as_needed(there, place)) return;
    if (how == pg_migrations::checked) {
        throw store_error(
            store_fault::not_a_store, place,
            there ? "is of version " + std::to_string(there->is) + ", and this program needs " +
                        std::to_string(last_version)
                  : "has no schema \"cicada\"",
            "open it once as the user that owns the schema, without \"migrate=check\"");
    }
    const elapsed_time until = later(elapsed_clock::now(), patience);
    for (;;) {
        try {
            return bring_up_to_date(in, place);
        } catch (const store_error& e) {
            const bool may_wait = e.fault() == store_fault::busy && in.is_usable();
            if (!may_wait || elapsed_clock::now() > until) throw;
        } catch (const pg_try_again& e) {
            if (elapsed_clock::now() > until) throw store_error(e.why);
        }
        std::this_thread::sleep_for(between_tries);
    }
}

} // namespace cicada::detail
