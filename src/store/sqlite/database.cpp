#include <store/sqlite/database.hpp>

#include <new>

#include <sqlite3.h>
#include <store/sqlite/failure.hpp>

namespace cicada::detail {

namespace {

void check(int code, sqlite3_stmt* statement) {
    if (code == SQLITE_OK) return;
    throw_sqlite(code, sqlite3_db_handle(statement), sqlite_moment::working);
}

int flags_of(sqlite_access access) noexcept {
    // No mutex: one thread at a time uses a connection.
    switch (access) {
    case sqlite_access::create:
        return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    case sqlite_access::write:
        return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    case sqlite_access::read:
        break;
    }
    return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
}

} // namespace

void closes_database::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }

void ends_statement::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

sqlite_database::sqlite_database(const std::string& path, sqlite_access access, const char* vfs) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags_of(access), vfs);
    db_.reset(opened); // also after an error, which it tells
    if (code != SQLITE_OK) {
        const int extended = opened ? sqlite3_extended_errcode(opened) : code;
        throw_sqlite(extended, opened, path, sqlite_moment::opening);
    }
    sqlite3_extended_result_codes(opened, 1);
}

void sqlite_database::run(std::string_view sql) {
    const std::string text(sql);
    const int code = sqlite3_exec(handle(), text.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_sqlite(code, handle(), sqlite_moment::working);
}

std::int64_t sqlite_database::changes() const noexcept { return sqlite3_changes64(handle()); }

std::int64_t sqlite_database::last_id() const noexcept {
    return sqlite3_last_insert_rowid(handle());
}

bool sqlite_database::is_in_transaction() const noexcept {
    return sqlite3_get_autocommit(handle()) == 0;
}

sqlite_statement::sqlite_statement(sqlite_database& in, std::string_view sql) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(in.handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) throw_sqlite(code, in.handle(), sqlite_moment::working);
    statement_.reset(prepared);
}

void sqlite_statement::bind(std::span<const sqlite_value> values, life of_bytes) {
    sqlite3_stmt* const to = statement_.get();
    // SQLite's own names for these are casts in the C manner.
    const auto destructor =
        of_bytes == life::of_call ? nullptr : reinterpret_cast<sqlite3_destructor_type>(-1);
    int at = 0;
    for (const sqlite_value& value : values) {
        ++at;
        const std::string_view bytes = value.bytes_;
        switch (value.kind_) {
        case sqlite_value::kind::null:
            check(sqlite3_bind_null(to, at), to);
            break;
        case sqlite_value::kind::integer:
            check(sqlite3_bind_int64(to, at, value.number_), to);
            break;
        case sqlite_value::kind::text:
            check(sqlite3_bind_text64(to, at, bytes.data(), bytes.size(), destructor, SQLITE_UTF8),
                  to);
            break;
        case sqlite_value::kind::blob:
            if (bytes.empty()) { // a blob of nothing, not NULL
                check(sqlite3_bind_zeroblob(to, at, 0), to);
            } else {
                check(sqlite3_bind_blob64(to, at, bytes.data(), bytes.size(), destructor), to);
            }
            break;
        }
    }
}

sqlite_rows sqlite_statement::with(std::span<const sqlite_value> values) {
    try {
        bind(values, life::of_rows);
    } catch (...) {
        sqlite3_clear_bindings(statement_.get());
        throw;
    }
    return sqlite_rows(*this);
}

std::int64_t sqlite_statement::run(std::span<const sqlite_value> values) {
    sqlite_rows rows(*this); // whatever happens, it is at rest afterwards
    bind(values, life::of_call);
    while (rows.next()) {
    }
    return sqlite3_changes64(sqlite3_db_handle(statement_.get()));
}

void sqlite_statement::commit() {
    const sqlite_rows rest(*this);
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_DONE) {
        throw_sqlite(code, sqlite3_db_handle(statement_.get()), sqlite_moment::committing);
    }
}

sqlite_rows::sqlite_rows(sqlite_statement& of) noexcept : statement_(of.statement_.get()) {}

sqlite_rows::~sqlite_rows() {
    sqlite3_reset(statement_); // says again what next() has thrown
    sqlite3_clear_bindings(statement_);
}

bool sqlite_rows::next() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw_sqlite(code, sqlite3_db_handle(statement_), sqlite_moment::working);
}

std::int64_t sqlite_rows::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> sqlite_rows::integer_or_null(int column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<wall_time> sqlite_rows::instant_or_null(int column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return instant(column);
}

bool sqlite_rows::is_null(int column) const noexcept {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string_view sqlite_rows::text(int column) const {
    if (is_null(column)) return {};
    const unsigned char* const text = sqlite3_column_text(statement_, column);
    if (!text) throw std::bad_alloc();
    const int size = sqlite3_column_bytes(statement_, column);
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

std::span<const std::byte> sqlite_rows::blob(int column) const {
    const void* const bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (!bytes && size > 0) throw std::bad_alloc();
    return {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)};
}

} // namespace cicada::detail
