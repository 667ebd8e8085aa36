#include <store/postgres/connection.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

namespace cicada::detail {

namespace {

constexpr duration longest_at_first = std::chrono::seconds(30);
constexpr std::size_t most_statements = 200; // that are prepared

/// libpq says it to stderr by itself.
void keep_quiet(void*, const PGresult*) {}

pg_conn* connect(const std::string& url) {
    // What the URL (dbname) says wins over what is before it, and not over what is after it.
    const std::array<const char*, 7> names = {"connect_timeout",
                                              "tcp_user_timeout",
                                              "application_name",
                                              "dbname",
                                              "client_encoding",
                                              "target_session_attrs",
                                              nullptr};
    const std::array<const char*, 7> values = {"5",    "10000",      "cicada", url.c_str(),
                                               "UTF8", "read-write", nullptr};
    return PQconnectdbParams(names.data(), values.data(), 1);
}

std::string_view sqlstate_of(const PGresult* result) noexcept {
    const char* const code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return code ? std::string_view(code) : std::string_view();
}

/// Of an attempt to connect there is no code, only the server's words. (In English, if nothing
/// else is set there: then it counts as unreachable, which is waited for.)
std::string_view sqlstate_of_connecting(std::string_view message) noexcept {
    const auto says = [&](std::string_view words) {
        return message.find(words) != std::string_view::npos;
    };
    if (says("session is read-only") || says("server is in hot standby mode")) return "25006";
    if (says("too many connections") || says("too many clients") ||
        says("remaining connection slots") || says("no more connections allowed"))
        return "53300";
    if (says("database") && says("does not exist")) return "3D000";
    if (says("password authentication failed") || says("no password supplied") ||
        says("pg_hba.conf") || says("authentication failed") ||
        (says("role") && says("does not exist")) || says("is not permitted to log in"))
        return "28000";
    if (says("permission denied for database")) return "42501";
    return "";
}

} // namespace

void ends_connection_of::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

pg_connection::pg_connection(const std::string& url, const std::string& place)
    : place_(place), connection_(connect(url)), longest_(longest_at_first) {
    if (!connection_) throw std::bad_alloc();
    PGconn* const to = connection_.get();
    if (PQstatus(to) != CONNECTION_OK) {
        const std::string_view message = PQerrorMessage(to);
        throw_postgres(sqlstate_of_connecting(message), message, place_, pg_moment::connecting);
    }
    PQsetNoticeReceiver(to, keep_quiet, nullptr);
    PQsetnonblocking(to, 1);
}

std::string_view pg_connection::encoding() const noexcept {
    const char* const said = PQparameterStatus(connection_.get(), "server_encoding");
    return said ? std::string_view(said) : std::string_view();
}

pg_rows pg_connection::run(const std::string& sql, pg_moment when) {
    must(PQsendQuery(connection_.get(), sql.c_str()), when);
    return answer(when);
}

pg_rows pg_connection::run(const std::string& sql, const pg_values& values) {
    send({&sql, &values}, {});
    return answer(pg_moment::working);
}

std::vector<pg_rows> pg_connection::run_all(std::span<const pg_query> all) {
    std::vector<std::string> names;
    for (const pg_query& one : all) names.push_back(name_of(one));
    PGconn* const to = connection_.get();
    must(PQenterPipelineMode(to), pg_moment::working);
    for (std::size_t i = 0; i < all.size(); ++i) send(all[i], names[i]);
    must(PQpipelineSync(to), pg_moment::working);
    std::vector<owned<PGresult, clears_result{}>> results;
    while (results.size() < all.size() && is_connected())
        results.push_back(result(pg_moment::working));
    is_over(pg_moment::working);
    std::vector<pg_rows> answers;
    for (auto& one : results) answers.push_back(rows_of(std::move(one), pg_moment::working));
    if (answers.size() < all.size()) lost(PQerrorMessage(to), pg_moment::working);
    return answers;
}

pg_rows pg_connection::run_and_commit(const pg_query& one) {
    const std::string name = name_of(one);
    const std::string commit = "COMMIT";
    const pg_values none;
    PGconn* const to = connection_.get();
    must(PQenterPipelineMode(to), pg_moment::working);
    send(one, name);
    must(PQpipelineSync(to), pg_moment::working);
    send({&commit, &none}, {});
    must(PQpipelineSync(to), pg_moment::committing);
    auto first = result(pg_moment::committing);
    if (is_connected()) result(pg_moment::committing); // of the Sync
    const bool was_told = !sqlstate_of(first.get()).empty(); // by the server, which then undoes it
    try {
        return rows_of(std::move(first), was_told ? pg_moment::working : pg_moment::committing);
    } catch (...) {
        if (is_connected()) result(pg_moment::committing); // that it was rolled back
        is_over(pg_moment::committing);
        throw;
    }
}

pg_rows pg_connection::committed() {
    auto answer = result(pg_moment::committing);
    is_over(pg_moment::committing);
    return rows_of(std::move(answer), pg_moment::committing);
}

bool pg_connection::is_connected() const noexcept {
    return PQstatus(connection_.get()) == CONNECTION_OK;
}

void pg_connection::must(int is_done, pg_moment when) {
    if (is_done == 0) lost(PQerrorMessage(connection_.get()), when);
}

/// All answers have come but that to the last Sync, unless the connection is gone.
void pg_connection::is_over(pg_moment when) {
    if (is_connected()) result(when);
    if (is_connected()) must(PQexitPipelineMode(connection_.get()), when);
}

void pg_connection::send(const pg_query& one, const std::string& name) {
    const pg_values& values = *one.values;
    const std::vector<const char*> pointers = values.pointers();
    const std::vector<int> lengths = values.lengths();
    const std::vector<int> are_binary(pointers.size(), 1);
    PGconn* const to = connection_.get();
    const int was_sent =
        name.empty() ? PQsendQueryParams(to, one.sql->c_str(), values.size(), values.types(),
                                         pointers.data(), lengths.data(), are_binary.data(), 1)
                     : PQsendQueryPrepared(to, name.c_str(), values.size(), pointers.data(),
                                           lengths.data(), are_binary.data(), 1);
    must(was_sent, pg_moment::working);
}

void pg_connection::is_served_by(std::int64_t process) noexcept {
    if (!is_known_) is_direct_ = process == PQbackendPID(connection_.get());
    is_known_ = true;
}

std::string pg_connection::name_of(const pg_query& one) {
    if (!is_direct_ || !one.is_prepared) return {};
    const auto at = statements_.find(*one.sql);
    if (at == statements_.end()) {
        const auto number = static_cast<unsigned>(statements_.size());
        if (number < most_statements) statements_.emplace(*one.sql, statement{.number = number});
        return {};
    }
    std::string name = "cicada_" + std::to_string(at->second.number);
    if (at->second.is_there) return name;
    must(PQsendPrepare(connection_.get(), name.c_str(), one.sql->c_str(), one.values->size(),
                       one.values->types()),
         pg_moment::working);
    answer(pg_moment::working);
    at->second.is_there = true;
    return name;
}

pg_rows pg_connection::answer(pg_moment when) { return rows_of(result(when), when); }

/// The last of those of what was sent; of several that failed, the first.
owned<PGresult, clears_result{}> pg_connection::result(pg_moment when) {
    PGconn* const from = connection_.get();
    const elapsed_time until = later(elapsed_clock::now(), longest_);
    for (;;) { // while it is being sent answers may come, which keep it from being sent
        const int left = PQflush(from);
        if (left < 0) lost(PQerrorMessage(from), when);
        if (left == 0) break;
        wait(true, until, when);
    }
    owned<PGresult, clears_result{}> last;
    for (bool has_failed = false;;) {
        while (PQisBusy(from) != 0) wait(false, until, when);
        owned<PGresult, clears_result{}> next(PQgetResult(from));
        if (!next) break;
        if (!has_failed) last = std::move(next);
        const ExecStatusType status = PQresultStatus(last.get());
        if (status == PGRES_PIPELINE_SYNC) break; // after which comes no end
        has_failed = has_failed || status == PGRES_FATAL_ERROR;
        if (has_failed && PQstatus(from) != CONNECTION_OK) break;
    }
    if (!last) lost(PQerrorMessage(from), when);
    return last;
}

pg_rows pg_connection::rows_of(owned<PGresult, clears_result{}> result, pg_moment when) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return pg_rows(result.release());
    const std::string_view sqlstate = sqlstate_of(result.get());
    is_usable_ = !ends_connection(sqlstate) && PQstatus(connection_.get()) == CONNECTION_OK;
    const char* const primary = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    const std::string_view message = primary ? primary : PQresultErrorMessage(result.get());
    // What was prepared is gone, or was before a migration.
    const bool is_of_prepared = sqlstate == "26000" || sqlstate == "0A000";
    const bool was_prepared = is_of_prepared && std::exchange(is_direct_, false);
    if (!was_prepared && !is_worth_repeating(sqlstate))
        throw_postgres(sqlstate, message, place_, when);
    try {
        throw_postgres(sqlstate, message, place_, when);
    } catch (const store_error& e) {
        throw pg_try_again{e};
    }
}

void pg_connection::wait(bool to_write, elapsed_time until, pg_moment when) {
    PGconn* const from = connection_.get();
    if (PQstatus(from) != CONNECTION_OK) lost(PQerrorMessage(from), when);
    const duration left = between(elapsed_clock::now(), until);
    if (left <= duration::zero()) lost("no answer in time", when);
    pollfd one{.fd = PQsocket(from),
               .events = static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN),
               .revents = 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    const int limit = static_cast<int>(std::min<std::int64_t>(ms, 60'000));
    if (poll(&one, 1, limit) < 0 && errno != EINTR) lost("it cannot be waited for", when);
    if (one.revents == 0 || PQconsumeInput(from) != 0) return;
    if (PQisBusy(from) != 0) lost(PQerrorMessage(from), when); // else it has said why it ends
}

void pg_connection::lost(std::string_view why, pg_moment when) {
    is_usable_ = false;
    throw_postgres("", why, place_, when);
}

} // namespace cicada::detail
