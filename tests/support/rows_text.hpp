#pragma once

/// Rows and answers of a store as text, for messages, and to compare two stores by.

#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <store/rows.hpp>

namespace cicada::detail {

class row_writer {
public:
    explicit row_writer(std::ostream& to) : to_(to) {}

    row_writer& operator<<(const char* text) { return put(text); }
    row_writer& operator<<(const std::string& text) {
        return text.size() > 200 ? put(text.size()).put(" bytes") : put('"').put(text).put('"');
    }
    row_writer& operator<<(bool is) { return put(is ? "yes" : "no"); }
    row_writer& operator<<(wall_time at) { return put(at.time_since_epoch().count()); }
    template <class T>
        requires std::is_enum_v<T>
    row_writer& operator<<(T value) {
        return put(static_cast<std::int64_t>(value));
    }
    template <class T>
        requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
    row_writer& operator<<(T value) {
        return put(value);
    }
    template <class T>
    row_writer& operator<<(const std::optional<T>& value) {
        return value ? *this << *value : put('-');
    }
    template <class T>
    row_writer& operator<<(const std::vector<T>& values) {
        put('[');
        for (const T& each : values) *this << " " << each;
        return put(" ]");
    }

    row_writer& operator<<(const node_row& r) {
        return *this << "\n  node " << r.id << " " << r.name << " state " << r.state << " lease "
                     << r.lease_until << " entered " << r.entered_at << " ended " << r.ended_at
                     << " kinds " << r.kinds << " labels " << r.labels;
    }
    row_writer& operator<<(const run_row& r) {
        return *this << "\n  run " << r.of.id << " " << r.of.job << " " << r.of.kind << " origin "
                     << r.of.origin << " nominal " << r.of.nominal << " "
                     << to_string(r.of.state).data() << " attempt " << r.of.attempt << " lost "
                     << r.of.lost << " fence " << r.of.fence << " " << r.of.node << " run_at "
                     << r.of.run_at << " started " << r.of.started_at << " ended " << r.of.ended_at
                     << " asked " << r.of.is_asked_to_end << " arguments " << r.of.arguments
                     << " key " << r.of.key << " reason " << r.of.reason << " log " << r.of.log
                     << " report " << r.of.report << " job " << r.job << " epoch " << r.epoch
                     << " number " << r.number << " missed " << r.missed << " began " << r.began_at
                     << " node " << r.node << " claim " << r.claim << " label " << r.label
                     << " policy " << r.policy;
    }
    row_writer& operator<<(const job_state& r) {
        return *this << "life " << r.life << " decided " << r.decided << " wake " << r.wake_at
                     << " epoch " << r.epoch << " progress " << r.progress << " notes " << r.notes;
    }
    row_writer& operator<<(const job_row& r) {
        return *this << "\njob " << r.id << " " << r.name << " of " << r.owner << " revision "
                     << r.revision << " " << r.definition << " zones " << r.zones << " created "
                     << r.created_at << " kept " << r.kept_from << " " << r.at << " open "
                     << r.open;
    }
    row_writer& operator<<(const job_wake& r) {
        return *this << "\n  wake " << r.id << " revision " << r.revision << " at " << r.wake_at;
    }
    row_writer& operator<<(const stretch& r) {
        return *this << "\n  stretch " << r.kind << " epoch " << r.epoch << " " << r.first << " to "
                     << r.last << " count " << r.count << " at least " << r.is_at_least << " into "
                     << r.into << " because of " << r.because_of << " " << r.note << " follows "
                     << r.follows;
    }
    row_writer& operator<<(const edit_row& r) {
        return *this << "\n  edit " << r.since << " " << r.definition;
    }
    row_writer& operator<<(const backfill_row& r) {
        return *this << "\n  backfill " << r.id << " of " << r.job << " " << r.from << " to "
                     << r.until << " done " << r.done_to << " " << r.how << " over " << r.over_at;
    }
    row_writer& operator<<(const step_result& r) {
        return *this << "verdict " << r.is << " revision " << r.revision << " begun " << r.begun
                     << " there " << r.is_there;
    }

private:
    template <class T>
    row_writer& put(const T& value) {
        to_ << value;
        return *this;
    }

    std::ostream& to_;
};

template <class T>
std::string text(const T& of) {
    std::ostringstream to;
    row_writer(to) << of;
    return to.str();
}

// For GoogleTest.
inline void PrintTo(const node_row& row, std::ostream* to) { row_writer(*to) << row; }
inline void PrintTo(const run_row& row, std::ostream* to) { row_writer(*to) << row; }
inline void PrintTo(const job_row& row, std::ostream* to) { row_writer(*to) << row; }
inline void PrintTo(const job_wake& row, std::ostream* to) { row_writer(*to) << row; }
inline void PrintTo(const stretch& row, std::ostream* to) { row_writer(*to) << row; }
inline void PrintTo(verdict is, std::ostream* to) {
    constexpr const char* words[] = {"taken", "too_early", "not_live",
                                     "stale", "refused",   "repeated"};
    *to << words[static_cast<int>(is)];
}
inline void PrintTo(const edit_row& row, std::ostream* to) { row_writer(*to) << row; }
inline void PrintTo(const backfill_row& row, std::ostream* to) { row_writer(*to) << row; }

} // namespace cicada::detail
