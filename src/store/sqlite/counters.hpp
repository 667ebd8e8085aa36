#pragma once

#include <cstdint>
#include <string_view>

#include <store/sqlite/database.hpp>

namespace cicada::detail {

/// Numbers that are given out once, ever: fences, and the ids of runs. They grow in memory, and are
/// written once in a transaction. What was taken by what is undone, was not.
class sqlite_counters {
public:
    struct mark {
        std::int64_t fence, run;
    };
    explicit sqlite_counters(sqlite_database& in);

    std::uint64_t next_fence() noexcept { return static_cast<std::uint64_t>(++fence_.last); }
    std::int64_t next_run() noexcept { return ++run_.last; }
    mark now() const noexcept { return {fence_.last, run_.last}; }
    void back_to(const mark& then) noexcept;
    void back_to_stored() noexcept { back_to({fence_.stored, run_.stored}); }
    /// Before each commit.
    void write();
    void committed() noexcept;
    /// Also when nothing was taken.
    void write_anything();

private:
    struct counter {
        std::int64_t last = 0;
        std::int64_t stored = 0;
    };
    std::int64_t read(std::string_view name);
    void write(std::string_view name, const counter& one);

    sqlite_statement read_, write_;
    counter fence_, run_, settled_;
};

} // namespace cicada::detail
