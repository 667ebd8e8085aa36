#pragma once

/// The one door to SQLite's C API.
///
///     sqlite_database db("/var/lib/jobs.db", sqlite_access::create);
///     sqlite_statement insert(db, "INSERT INTO job(id, name) VALUES(?1, ?2)");
///     sqlite_statement by_name(db, "SELECT id FROM job WHERE name = ?1");
///
///     sqlite_transaction work(db);
///     insert.run({7, "weekly"});
///     for (auto found = by_name.with({name}); found.next();) use(found.integer(0));
///     work.commit();
///
/// Threads:  one at a time uses a database and its statements.
/// Lifetime: statements go before their database; rows before their statement.
/// Errors:   as failure.hpp says.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <cicada/base/owned.hpp>
#include <cicada/base/time.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace cicada::detail {

enum class sqlite_access : std::uint8_t {
    create, // reads and writes; the file need not exist
    write, // reads and writes what exists
    read,
};

struct closes_database {
    void operator()(sqlite3* db) const noexcept;
};
struct ends_statement {
    void operator()(sqlite3_stmt* statement) const noexcept;
};

class sqlite_database {
public:
    /// The path is taken as it is. `vfs` names how files are reached; null: SQLite's default.
    sqlite_database(const std::string& path, sqlite_access access, const char* vfs = nullptr);

    /// Runs statements that take no values, separated by semicolons.
    void run(std::string_view sql);
    /// Rows that the last statement has inserted, changed or removed.
    std::int64_t changes() const noexcept;
    std::int64_t last_id() const noexcept;
    /// Between a begin and its end. SQLite ends a transaction by itself after some errors.
    bool is_in_transaction() const noexcept;
    sqlite3* handle() const noexcept { return db_.get(); }

private:
    owned<sqlite3, closes_database{}> db_;
};

/// What a statement is given. It refers to text and bytes, and copies none.
class sqlite_value {
public:
    sqlite_value(std::nullptr_t) noexcept {}
    /// Also enumerators, and unsigned numbers of 64 bits: all of these come back as they were.
    template <class T>
        requires(std::is_integral_v<T> || std::is_enum_v<T>)
    sqlite_value(T number) noexcept
        : kind_(kind::integer), number_(static_cast<std::int64_t>(number)) {}
    sqlite_value(wall_time instant) noexcept : sqlite_value(instant.time_since_epoch().count()) {}
    template <class T>
    sqlite_value(const std::optional<T>& value) noexcept {
        if (value) *this = sqlite_value(*value);
    }
    /// UTF-8, which may hold NUL.
    sqlite_value(std::string_view text) noexcept
        : kind_(kind::text), bytes_(text.data() ? text : std::string_view("")) {}
    sqlite_value(const std::string& text) noexcept : sqlite_value(std::string_view(text)) {}
    sqlite_value(const char* text) noexcept : sqlite_value(std::string_view(text)) {}
    sqlite_value(std::span<const std::byte> blob) noexcept
        : kind_(kind::blob), bytes_(reinterpret_cast<const char*>(blob.data()), blob.size()) {}

private:
    friend class sqlite_statement;
    enum class kind : std::uint8_t { null, integer, text, blob };
    kind kind_ = kind::null;
    std::int64_t number_ = 0;
    std::string_view bytes_;
};

class sqlite_statement;

/// The rows that a statement yields. When it goes the statement is at rest again, and holds nothing
/// back: an open statement of a reader would keep the log from being folded into the file.
class sqlite_rows {
public:
    explicit sqlite_rows(sqlite_statement& of) noexcept;
    sqlite_rows(const sqlite_rows&) = delete;
    sqlite_rows& operator=(const sqlite_rows&) = delete;
    ~sqlite_rows();

    /// To the next row, at first to the first one. False: there is none.
    bool next();

    // Columns count from 0. Text and bytes live until next().
    std::int64_t integer(int column) const noexcept;
    std::optional<std::int64_t> integer_or_null(int column) const noexcept;
    bool is_null(int column) const noexcept;
    wall_time instant(int column) const noexcept { return wall_time(duration(integer(column))); }
    std::optional<wall_time> instant_or_null(int column) const noexcept;
    template <class T>
    T number(int column) const noexcept { // as sqlite_value takes it
        return static_cast<T>(integer(column));
    }
    std::string_view text(int column) const;
    std::span<const std::byte> blob(int column) const;

private:
    sqlite3_stmt* statement_;
};

/// Prepared once, for as long as its database is open.
class sqlite_statement {
public:
    sqlite_statement(sqlite_database& in, std::string_view sql);

    /// The values are copied, and stand for ?1, ?2 and so on.
    sqlite_rows with(std::initializer_list<sqlite_value> values) {
        return with(std::span(values.begin(), values.size()));
    }
    sqlite_rows with(std::span<const sqlite_value> values);
    /// Of a COMMIT: an error has the meaning that it has there.
    void commit();
    /// To its end; how many rows it has inserted, changed or removed. Copies nothing.
    std::int64_t run(std::initializer_list<sqlite_value> values = {}) {
        return run(std::span(values.begin(), values.size()));
    }
    std::int64_t run(std::span<const sqlite_value> values);

private:
    friend class sqlite_rows;
    enum class life : std::uint8_t { of_call, of_rows };
    void bind(std::span<const sqlite_value> values, life of_bytes);

    owned<sqlite3_stmt, ends_statement{}> statement_;
};

} // namespace cicada::detail
