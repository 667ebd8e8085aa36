#include <store/sqlite/counters.hpp>

#include <store/sqlite/sql.hpp>

namespace cicada::detail {

sqlite_counters::sqlite_counters(sqlite_database& in)
    : read_(in, named(sql_counters, "read")), write_(in, named(sql_counters, "write")) {
    fence_.last = read("fence");
    run_.last = read("run");
    settled_.last = read("settled");
    committed();
}

void sqlite_counters::back_to(const mark& then) noexcept {
    fence_.last = then.fence;
    run_.last = then.run;
}

void sqlite_counters::write() {
    write("fence", fence_);
    write("run", run_);
    write("settled", settled_);
}

void sqlite_counters::committed() noexcept {
    fence_.stored = fence_.last;
    run_.stored = run_.last;
    settled_.stored = settled_.last;
}

void sqlite_counters::write_anything() {
    ++settled_.last;
    write();
}

std::int64_t sqlite_counters::read(std::string_view name) {
    sqlite_rows rows = read_.with({name});
    return rows.next() ? rows.integer(0) : 0;
}

void sqlite_counters::write(std::string_view name, const counter& one) {
    if (one.last != one.stored) write_.run({name, one.last});
}

} // namespace cicada::detail
