#include <store/postgres/store.hpp>

#include <algorithm>

#include <store/postgres/place.hpp>
#include <store/postgres/work.hpp>

namespace cicada::detail {

namespace {

constexpr int most_tries = 10;
constexpr duration longest_idle = std::chrono::seconds(5);
constexpr duration least_patience = std::chrono::seconds(2);
constexpr duration longest_look = std::chrono::seconds(30); // that nobody waits for

/// Undone, unless it was committed.
class undone_at_end {
public:
    explicit undone_at_end(pg_session& of) : of_(of) {}
    undone_at_end(const undone_at_end&) = delete;
    undone_at_end& operator=(const undone_at_end&) = delete;
    ~undone_at_end() { of_.roll_back(); }

private:
    pg_session& of_;
};

} // namespace

pg_store::pg_store(pg_options options)
    : options_(std::move(options)), place_(place_of(options_.url)), marks_(!options_.looks_beside),
      longest_answer_(options_.longest_answer), writer_(options_.url, place_, server_),
      reader_(options_.url, place_, server_) {
    writer_.answer_within(longest_answer_);
    writer_.open(options_.migrations);
    const undone_at_end undone(writer_);
    writer_.begin(pg_access::write); // which says what time it is
}

wall_time pg_store::now() const {
    return options_.now ? options_.now() : server_.clock.at(elapsed_clock::now());
}

// Savepoints would be two more trips for each part, and it is seldom that one fails.
void pg_store::write(std::span<part* const> parts) {
    const std::lock_guard lock(writing_);
    if (parts.size() > 1 && write_together(parts)) return;
    for (part* const one : parts) write_alone(*one);
}

/// False: one of them has failed. Nothing is there of any, and each is to be written alone.
bool pg_store::write_together(std::span<part* const> parts) {
    for (int tries = 1;; ++tries) {
        try {
            const undone_at_end undone(writer_);
            pg_work in(writer_, begin(writer_, pg_access::write), marks_);
            for (part* const one : parts) {
                run(*one, in);
                if (!one->error) continue;
                if (!writer_.is_usable()) std::rethrow_exception(one->error); // of all of them
                return false;
            }
            writer_.commit();
            in.is_kept();
            return true;
        } catch (const pg_try_again& e) {
            if (tries == most_tries) throw store_error(e.why);
        }
    }
}

void pg_store::write_alone(part& one) {
    for (int tries = 1;; ++tries) {
        try {
            const undone_at_end undone(writer_);
            pg_work in(writer_, begin(writer_, pg_access::write), marks_, true);
            run(one, in);
            if (one.error) return;
            writer_.commit();
            return in.is_kept();
        } catch (const pg_try_again& e) {
            if (tries < most_tries) continue;
            one.error = std::make_exception_ptr(store_error(e.why));
        } catch (...) {
            one.error = std::current_exception();
        }
        return;
    }
}

wall_time pg_store::begin(pg_session& in, pg_access access) {
    const wall_time servers = in.begin(access);
    marks_.are_of(server_.number);
    return options_.now ? options_.now() : servers;
}

void pg_store::run(part& one, pg_work& in) {
    one.error = nullptr;
    try {
        one.run(in);
    } catch (const pg_try_again&) {
        throw;
    } catch (...) {
        one.error = std::current_exception();
    }
    if (in.lease() && !options_.now) // else a lease is of another time than the server's
        is_of_node_with(*in.lease());
}

// A node whose server is silent is to find another one while its lease still runs, and what it has
// left open there is to end before others take over what it runs: D21.
void pg_store::is_of_node_with(duration lease) {
    writer_.idle_at_most(std::min(longest_idle, lease / 2));
    const duration patience = std::max(lease / 2, least_patience);
    longest_answer_ = std::min(options_.longest_answer, patience);
    writer_.answer_within(longest_answer_);
}

void pg_store::read(const function<void(reading&)>& ask) {
    const std::lock_guard lock(reading_);
    reader_.answer_within(options_.looks_beside ? longest_look : longest_answer_.load());
    const undone_at_end undone(reader_);
    pg_work in(reader_, begin(reader_, pg_access::read), marks_);
    try {
        ask(in);
        in.is_kept();
    } catch (const pg_try_again& e) {
        throw store_error(e.why);
    }
}

// It goes by no marks: `in` is of a store that looks beside this one.
void pg_store::look_beside(reading& in) {
    while (const auto one = marks_.take_due(elapsed_clock::now())) {
        if (one->by()) {
            if (const auto first = in.next_ready(*one->by())) marks_.is_ready(*first, in.now());
        } else {
            const std::vector<job_wake> first = in.waking(wall_time::max(), 1);
            if (!first.empty()) marks_.wakes(first.front().wake_at, in.now());
        }
        marks_.looked(*one, elapsed_clock::now());
    }
}

} // namespace cicada::detail
