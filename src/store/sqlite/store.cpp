#include <store/sqlite/store.hpp>

#include <sqlite3.h>
#include <store/sqlite/backup.hpp>
#include <store/sqlite/files.hpp>
#include <store/sqlite/migrate.hpp>
#include <store/sqlite/sql.hpp>
#include <store/sqlite/transaction.hpp>

namespace cicada::detail {

namespace {

constexpr int pages_to_fold = 1024; // 4 MiB
constexpr std::int64_t page_size = 4096;

std::string checked_path(const sqlite_options& options) {
    std::string path = real_path(options.path);
    if (options.network == sqlite_network::allowed) return path;
    const std::string kind = remote_file_system(path);
    if (kind.empty()) return path;
    throw store_error(store_fault::network_file_system, options.path,
                      "is on a network file system (" + kind + ")",
                      "put it on a disk of this machine, or, if no other machine uses it, write "
                      "\"sqlite:" +
                          options.path + "?network=allowed\"");
}

bool was_left_in_good_order(sqlite_database& in) {
    if (pragma(in, "user_version") == 0) return true; // it is new
    sqlite_statement last(in, named(sql_boot, "last"));
    sqlite_rows rows = last.with({});
    return !rows.next() || rows.integer(1) != 0;
}

sqlite_database open_and_migrate(const std::string& path, const sqlite_options& options) {
    sqlite_database db = open_writer(path, options.durability, options.vfs);
    // Of a later version not even the name of a table is known.
    if (pragma(db, "user_version") <= schema_version && !was_left_in_good_order(db)) {
        quick_check(db);
    }
    migrate(db, path, options.vfs);
    return db;
}

} // namespace

sqlite_store::sqlite_store(sqlite_options options)
    : options_(std::move(options)), path_(checked_path(options_)), lock_(path_), reserve_(path_),
      writer_(open_and_migrate(path_, options_)), tables_(writer_),
      log_(options_.path, options_.longest_log), reader_(open_reader(path_, options_.vfs)),
      questions_(reader_) {
    sqlite3_wal_hook(
        writer_.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<sqlite_store*>(self)->log_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    sqlite3_progress_handler(
        reader_.handle(), 1000,
        [](void* self) {
            const auto until = static_cast<sqlite_store*>(self)->read_until_;
            return std::chrono::steady_clock::now() > until ? 1 : 0;
        },
        this);
    enter();
    reserve_.make();
}

sqlite_store::~sqlite_store() { leave(); }

wall_time sqlite_store::now() const {
    if (options_.now) return options_.now();
    return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
}

// Whoever was live in this file, was so in a process that has ended: it had the lock.
void sqlite_store::enter() {
    const wall_time at = now();
    sqlite_transaction work(tables_.transactions);
    sqlite_statement(writer_, named(sql_boot, "enter")).run({at});
    sqlite_statement(writer_, named(sql_boot, "forget")).run();
    tables_.nodes.end_all(at);
    work.commit();
}

void sqlite_store::leave() noexcept {
    try {
        settle();
        sqlite_transaction work(tables_.transactions);
        sqlite_statement(writer_, named(sql_boot, "leave")).run();
        work.commit();
    } catch (const std::exception&) {
        // So it was not left in good order, and is looked through when it is opened.
    }
}

// ---- writing -----------------------------------------------------------------------------------

void sqlite_store::write(std::span<part* const> parts) {
    const std::lock_guard lock(writing_);
    settle();
    if (reserve_.is_given_back()) reserve_.make();
    try {
        const wall_time at = now();
        const bool is_alone = parts.size() == 1;
        sqlite_transaction work(tables_.transactions);
        for (part* const one : parts) run(*one, at, is_alone);
        if (is_alone && parts.front()->error) { // it is undone with the transaction
            tables_.numbers.back_to_stored();
            return;
        }
        tables_.numbers.write();
        work.commit();
        tables_.numbers.committed();
    } catch (const store_error& e) {
        is_unsettled_ = e.fault() == store_fault::unknown_outcome;
        if (!is_unsettled_) tables_.numbers.back_to_stored();
        if (e.fault() == store_fault::full) disk_is_full();
        throw;
    } catch (...) {
        tables_.numbers.back_to_stored();
        throw;
    }
    fold_log();
}

// With a savepoint SQLite copies each page before it changes it, so what is alone has none.
void sqlite_store::run(part& one, wall_time now, bool is_alone) {
    one.error = nullptr;
    try {
        sqlite_work in(tables_, now,
                       reserve_.is_given_back() ? std::optional(full_disk{options_.path})
                                                : std::nullopt);
        std::optional<sqlite_part> all;
        if (!is_alone) all.emplace(tables_);
        one.run(in);
        if (all) all->keep();
    } catch (const store_error& e) {
        one.error = std::current_exception();
        if (e.fault() == store_fault::full) disk_is_full();
    } catch (...) {
        one.error = std::current_exception();
    }
    // SQLite undoes more than was asked for where it has to: then none of it was done.
    if (!tables_.transactions.is_broken()) return;
    if (one.error) std::rethrow_exception(one.error);
    throw store_error(store_fault::failed, options_.path, "has undone a transaction",
                      "ask for all of it again");
}

// A commit that fails leaves in the log what may be found there after a crash, unless another one
// overwrites it. Until then nobody is told anything, for it might turn out to be otherwise.
void sqlite_store::settle() {
    if (!is_unsettled_) return;
    try {
        sqlite_transaction work(tables_.transactions);
        tables_.numbers.write_anything();
        work.commit();
        tables_.numbers.committed();
    } catch (const store_error& e) {
        if (e.fault() != store_fault::unknown_outcome) throw;
        throw store_error(store_fault::failed, options_.path,
                          "still fails at commits, so nothing was done",
                          "see that the device it lies on works");
    }
    is_unsettled_ = false;
}

// An error leaves it all in the log, where it is as safe; it is tried again after the next 4 MiB.
// As long as somebody holds the log it is tried each time: that costs next to nothing.
void sqlite_store::fold_log() noexcept {
    if (log_pages_ < folded_at_) folded_at_ = 0; // it has begun anew
    if (log_pages_ - folded_at_ < pages_to_fold && !log_.is_held()) return;
    folded_at_ = log_pages_;
    int pages = 0;
    int of_these = 0;
    const int code = sqlite3_wal_checkpoint_v2(writer_.handle(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                               &pages, &of_these);
    if (code == SQLITE_FULL) disk_is_full();
    if (code == SQLITE_OK) log_.folded(pages * page_size, of_these * page_size);
    reserve_.make();
}

// What is given back is for the file, too: the log is folded into it at the next commit.
void sqlite_store::disk_is_full() noexcept {
    reserve_.give_back();
    folded_at_ = 0;
}

// ---- reading -----------------------------------------------------------------------------------

void sqlite_store::read(const function<void(reading&)>& ask) {
    if (is_unsettled_) {
        const std::lock_guard lock(writing_);
        settle();
    }
    const std::lock_guard lock(reading_);
    read_until_ = std::chrono::steady_clock::now() + options_.longest_read;
    sqlite_work in(questions_, now());
    const sqlite_snapshot snapshot(questions_.transactions);
    ask(in);
}

// ---- beside that -------------------------------------------------------------------------------

std::vector<store_error> sqlite_store::warnings() const {
    std::vector<store_error> there;
    if (reserve_.is_given_back()) {
        there.emplace_back(store_fault::full, options_.path,
                           "has used the room that was set aside, for its disk is full",
                           "free some space; until then what is stored goes on, and nothing new is "
                           "taken");
    }
    if (auto held = log_.warning()) there.push_back(std::move(*held));
    return there;
}

void sqlite_store::back_up(const std::string& to) { backup(path_, to, options_.vfs); }

} // namespace cicada::detail
