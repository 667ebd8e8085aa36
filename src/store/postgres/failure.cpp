#include <store/postgres/failure.hpp>

#include <algorithm>
#include <string>

namespace cicada::detail {

namespace {

bool is_of(std::string_view sqlstate, std::string_view group) noexcept {
    return sqlstate.substr(0, group.size()) == group;
}

std::string_view what_of(store_fault fault) noexcept {
    switch (fault) {
    case store_fault::unreachable:
        return "cannot be reached";
    case store_fault::busy:
        return "is busy with the same rows";
    case store_fault::timed_out:
        return "did not answer in time";
    case store_fault::full:
        return "has no space left";
    case store_fault::too_large:
        return "does not take a value";
    case store_fault::unknown_outcome:
        return "was lost at a commit";
    case store_fault::read_only:
        return "only reads";
    case store_fault::no_rights:
        return "refuses this user";
    case store_fault::corrupt:
        return "is damaged";
    case store_fault::not_a_store:
        return "is no store of jobs";
    default:
        return "failed";
    }
}

std::string_view mend_of(store_fault fault, std::string_view sqlstate) noexcept {
    switch (fault) {
    case store_fault::unreachable:
        if (sqlstate == "53300") {
            return "raise max_connections, or what the role or the database is limited to, or put "
                   "PgBouncer before it";
        }
        return "see that it runs, and that host and port are right";
    case store_fault::busy:
    case store_fault::timed_out:
        return "try again; see pg_stat_activity for who holds it up";
    case store_fault::full:
        return "free some space on its disk";
    case store_fault::too_large:
        return "make it shorter";
    case store_fault::unknown_outcome:
        return "it was done or not: read what is there";
    case store_fault::read_only:
        return "name the primary, or all of its hosts";
    case store_fault::no_rights:
        if (is_of(sqlstate, "28")) return "see user and password, and pg_hba.conf";
        return "grant it what docs/operations.md says, or connect as another";
    case store_fault::corrupt:
        return "restore a backup, and see the disk";
    case store_fault::not_a_store:
        if (sqlstate == "3D000") return "create the database, or name another";
        return "open it once as a user that may create the schema, without \"migrate=check\"";
    default:
        return "see its log";
    }
}

/// In one line, without what libpq puts before it.
std::string one_line(std::string_view message) {
    std::string text(message);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

bool is_worth_repeating(std::string_view sqlstate) noexcept {
    return sqlstate == "40001" || sqlstate == "40P01";
}

bool ends_connection(std::string_view sqlstate) noexcept {
    return sqlstate.empty() || is_of(sqlstate, "08") || is_of(sqlstate, "57P") ||
           sqlstate == "25006" || sqlstate == "25P03";
}

store_fault fault_of(std::string_view sqlstate, pg_moment when) noexcept {
    const bool is_lost = ends_connection(sqlstate) || sqlstate == "57014";
    if (when == pg_moment::committing && is_lost) return store_fault::unknown_outcome;
    if (sqlstate == "25006")
        return when == pg_moment::connecting ? store_fault::read_only : store_fault::unreachable;
    if (ends_connection(sqlstate) || sqlstate == "53300") return store_fault::unreachable;
    if (sqlstate == "57014") return store_fault::timed_out;
    if (is_worth_repeating(sqlstate) || sqlstate == "55P03") return store_fault::busy;
    if (sqlstate == "53100") return store_fault::full;
    if (is_of(sqlstate, "22") || is_of(sqlstate, "23") || is_of(sqlstate, "54"))
        return store_fault::too_large;
    if (is_of(sqlstate, "28") || sqlstate == "42501") return store_fault::no_rights;
    if (sqlstate == "3D000" || sqlstate == "3F000" || sqlstate == "42P01" || sqlstate == "42703" ||
        sqlstate == "42883")
        return store_fault::not_a_store;
    if (sqlstate == "XX001" || sqlstate == "XX002") return store_fault::corrupt;
    return store_fault::failed;
}

void throw_postgres(std::string_view sqlstate, std::string_view message, const std::string& place,
                    pg_moment when) {
    const store_fault fault = fault_of(sqlstate, when);
    std::string what(what_of(fault));
    what.append(" (");
    if (!sqlstate.empty()) what.append("SQLSTATE ").append(sqlstate).append(": ");
    what.append(one_line(message)).append(")");
    throw store_error(fault, place, what, mend_of(fault, sqlstate));
}

} // namespace cicada::detail
