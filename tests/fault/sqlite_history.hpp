#pragma once

/// A small node that drives one job of a SQLite store, and a witness who was told what it has done
/// and compares that with what lies in the file.
///
/// The job's instants are one second apart. Of each one there is to be one decision: a run, or a
/// stretch. All that the node knows it reads anew each turn, as after a failure.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/store.hpp>

namespace fire {

using namespace cicada;
using namespace cicada::detail;

inline constexpr wall_time first_instant{std::chrono::sys_days(std::chrono::year(2020) / 1 / 1)};

inline wall_time instant(std::int64_t n) { return first_instant + n * std::chrono::seconds(1); }
inline std::int64_t number_of(wall_time instant) {
    return (instant - first_instant) / std::chrono::seconds(1);
}

/// What the store has acknowledged: it has to last.
struct acknowledgement {
    enum class kind : std::uint8_t { decided, begun, ended };
    kind what = kind::decided;
    std::int64_t id = 0; // the instant's number, or the run's id
    std::uint64_t fence = 0; // begun, ended
};

class node {
public:
    using teller = cicada::detail::function<void(const acknowledgement&)>;
    node(store& at, teller tell) : store_(at), tell_(std::move(tell)) {}

    /// All that is to do now, and one instant more, up to `last`. False: there was nothing.
    bool turn(std::int64_t last);

private:
    template <class F>
    auto write(F f) {
        struct only final : part {
            explicit only(F& what) : f(what) {}
            void run(writing& in) override { made.emplace(f(in)); }
            F& f;
            std::optional<std::invoke_result_t<F&, writing&>> made;
        };
        only one(f);
        part* const parts[] = {&one};
        store_.write(parts);
        if (one.error) std::rethrow_exception(one.error);
        return std::move(*one.made);
    }
    template <class F>
    auto read(F f) {
        std::optional<std::invoke_result_t<F&, reading&>> made;
        store_.read([&](reading& in) { made.emplace(f(in)); });
        return std::move(*made);
    }

    static run_change change(const run_row& from, run_state to);
    void take_over(const run_row& run);
    void end(const run_row& run);
    void decide(const job_row& job);

    store& store_;
    teller tell_;
    node_id me_ = node_id::none;
    std::uint64_t claim_ = 1;
};

/// Compares. Two of one instant, or none, is a failure of the test, as is each thing that was
/// acknowledged and is not there.
class witness {
public:
    void tell(const acknowledgement& one);
    void check(const std::string& path) const;

private:
    std::int64_t decided_ = 0;
    std::map<std::int64_t, std::uint64_t> ended_; // the fence that ended it
    std::set<std::uint64_t> fences_;
};

} // namespace fire
