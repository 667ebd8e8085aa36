#include <store/sqlite/changes.hpp>

#include <algorithm>
#include <vector>

#include <sqlite3.h>
#include <store/sqlite/failure.hpp>
#include <store/sqlite/sql.hpp>

namespace cicada::detail {

namespace {

using sql_function = void (*)(sqlite3_context*, int, sqlite3_value**);

/// `in`, which knows a function more.
sqlite_database& with(sqlite_database& in, const char* name, int arguments, void* of,
                      sql_function does) {
    const int code =
        sqlite3_create_function_v2(in.handle(), name, arguments, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                   of, does, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_sqlite(code, in.handle(), sqlite_moment::opening);
    return in;
}

std::int64_t stored(wall_time instant) noexcept { return instant.time_since_epoch().count(); }

void answer_with(sqlite3_context* to, const std::optional<std::string>& text) noexcept {
    if (text) sqlite3_result_text64(to, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
}

} // namespace

sqlite_changes::sqlite_changes(sqlite_database& in)
    : make_(with(with(in, "is_as_it_was", 4, this, is_as_it_was), "changed", 2, this, changed),
            named(sql_runs, "change_many")) {}

sqlite_changes::taken sqlite_changes::make(std::span<const run_change* const> those,
                                           wall_time now) {
    those_ = those;
    taken_.reset();
    now_ = now;
    std::vector<sqlite_value> ids;
    ids.reserve(most);
    for (const run_change* one : those) ids.emplace_back(one->id);
    ids.resize(most, nullptr);
    make_.run(ids);
    return taken_;
}

/// One past the last: it is not asked for. SQLite may look at the conditions in any order.
std::size_t sqlite_changes::place_of(sqlite3_value* id) const noexcept {
    const run_id which{sqlite3_value_int64(id)};
    const auto is_it = [&](const run_change* one) { return one->id == which; };
    return static_cast<std::size_t>(std::ranges::find_if(those_, is_it) - those_.begin());
}

/// Of a run: its id, state, fence and claim.
void sqlite_changes::is_as_it_was(sqlite3_context* answer, int, sqlite3_value** given) noexcept {
    auto& self = *static_cast<sqlite_changes*>(sqlite3_user_data(answer));
    const std::size_t at = self.place_of(given[0]);
    if (at == self.those_.size()) return sqlite3_result_int(answer, 0);
    const run_change& one = *self.those_[at];
    const auto number = [&](int of) { return sqlite3_value_int64(given[of]); };
    const bool is =
        number(1) == static_cast<std::int64_t>(one.was) &&
        number(2) == static_cast<std::int64_t>(one.fence) &&
        (one.was != run_state::running || number(3) == static_cast<std::int64_t>(one.claim));
    self.taken_[at] = is;
    sqlite3_result_int(answer, is ? 1 : 0);
}

/// Of a run, by its id: what the column becomes, in the order of the statement. NULL: as it was.
void sqlite_changes::changed(sqlite3_context* answer, int, sqlite3_value** given) noexcept {
    const auto& self = *static_cast<const sqlite_changes*>(sqlite3_user_data(answer));
    const run_change& one = *self.those_[self.place_of(given[0])];
    switch (sqlite3_value_int(given[1])) {
    case 0:
        return sqlite3_result_int(answer, static_cast<int>(one.state));
    case 1:
        return sqlite3_result_int64(answer, one.attempt);
    case 2:
        return sqlite3_result_int64(answer, one.lost);
    case 3:
        return sqlite3_result_int64(answer, stored(one.run_at));
    case 4:
        return sqlite3_result_int(answer, one.is_asked_to_end ? 1 : 0);
    case 5:
        return answer_with(answer, one.reason);
    case 6:
        return answer_with(answer, one.log);
    case 7:
        return answer_with(answer, one.report);
    default: // when it ended
        if (!is_open(one.state)) sqlite3_result_int64(answer, stored(self.now_));
    }
}

} // namespace cicada::detail
