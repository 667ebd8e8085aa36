#include <store/postgres/session.hpp>

#include <array>

namespace cicada::detail {

namespace {

constexpr duration after_servers_limit = std::chrono::seconds(1);
constexpr int share_behind = 8; // of what a transaction may stand idle: a sixteenth of a lease

const std::string sql_begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
const std::string sql_moment = "SELECT m.at, m.server, m.session FROM cicada.moment() AS m";
const pg_values no_values;

std::string ms(duration d) {
    const auto count = std::chrono::ceil<std::chrono::milliseconds>(d).count();
    return std::to_string(std::max<std::int64_t>(count, 1));
}

} // namespace

void pg_session::connect() {
    settled_.clear();
    connection_.emplace(url_, place_);
    answer_within(longest_answer_);
}

void pg_session::answer_within(duration longest) noexcept {
    longest_answer_ = longest;
    if (!connection_) return;
    connection_->answer_within(
        later(elapsed_time(longest), after_servers_limit).time_since_epoch());
}

void pg_session::open(pg_migrations how) {
    connect();
    try {
        migrate(*connection_, place_, how);
    } catch (const pg_try_again& e) {
        throw store_error(e.why);
    }
}

wall_time pg_session::begin(pg_access access) {
    if (is_usable()) {
        if (is_in_transaction_) roll_back();
        if (access == pg_access::write && connection_->is_direct() && settled_ == settings()) {
            is_in_transaction_ = true;
            begins_ = server_.clock.at(elapsed_clock::now());
            return *begins_;
        }
        try {
            return begin_on(access);
        } catch (const store_error& e) {
            if (e.fault() != store_fault::unreachable) throw;
        }
    }
    connection_.reset(); // before there is another: there may be few
    try {
        connect();
    } catch (const store_error& e) { // it was one that could be written to, and will be
        if (e.fault() != store_fault::read_only) throw;
        throw store_error(store_fault::unreachable, place_, "only reads now",
                          "see that there is a primary");
    }
    return begin_on(access);
}

std::string pg_session::begin_text(pg_access access) const {
    std::string text(access == pg_access::read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                                               : sql_begin + "; ");
    if (!connection_->is_direct()) text.append(settings()).append("true); ");
    return text + sql_moment;
}

std::string pg_session::settings() const {
    return "SELECT cicada.settle('" + ms(longest_idle_) + "', '" + ms(longest_answer_) + "', ";
}

/// What is not there any more may have gone with a migration: then that is told.
template <class F>
auto pg_session::asked(F ask) const {
    try {
        return ask();
    } catch (const store_error& e) {
        if (e.fault() != store_fault::not_a_store) throw;
        pg_connection other(url_, place_);
        migrate(other, place_, pg_migrations::checked);
        throw;
    }
}

wall_time pg_session::begin_on(pg_access access) {
    const auto ask = [&](const std::string& text) {
        try {
            return asked([&] { return connection_->run(text); });
        } catch (const pg_try_again& e) {
            throw store_error(e.why);
        }
    };
    if (connection_->is_direct() && settled_ != settings()) {
        ask(settings() + "false)");
        settled_ = settings();
    }
    is_in_transaction_ = true;
    const elapsed_time sent_at = elapsed_clock::now();
    pg_rows rows = ask(begin_text(access));
    return has_begun(rows, sent_at);
}

wall_time pg_session::has_begun(pg_rows& moment, elapsed_time sent_at) {
    const elapsed_time came_at = elapsed_clock::now();
    moment.next();
    const wall_time at = moment.instant(0);
    server_.number = moment.number<std::uint64_t>(1);
    connection_->is_served_by(moment.integer(2));
    server_.clock.learned(at, sent_at, came_at);
    return at;
}

pg_rows pg_session::run(std::string_view sql, const pg_values& values) {
    const std::string text(sql);
    return run({&text, &values});
}

pg_rows pg_session::run_prepared(const std::string& sql, const pg_values& values) {
    return run({&sql, &values, true});
}

pg_rows pg_session::run(const pg_query& one) {
    if (begins_) return begin_with(one);
    return std::move(asked([&] { return connection_->run_all(std::span(&one, 1)); }).front());
}

/// Nothing is done without a COMMIT, so all of it is done again if it is not as expected.
pg_rows pg_session::begin_with(const pg_query& one) {
    const wall_time expected = *std::exchange(begins_, std::nullopt);
    const std::uint64_t server = server_.number;
    const std::array<pg_query, 3> all{
        {{&sql_begin, &no_values, true}, {&sql_moment, &no_values, true}, one}};
    const elapsed_time sent_at = elapsed_clock::now();
    std::vector<pg_rows> answers;
    try {
        answers = asked([&] { return connection_->run_all(all); });
    } catch (const store_error& e) {
        if (e.fault() != store_fault::unreachable) throw;
        connection_.reset();
        throw pg_try_again{e};
    }
    const wall_time at = has_begun(answers[1], sent_at);
    const wall_time latest = later(expected, longest_idle_ / share_behind);
    if (server_.number == server && expected <= at && at <= latest) return std::move(answers[2]);
    settled_.clear(); // the next one asks first what time it is
    throw pg_try_again{store_error(store_fault::unreachable, place_, "has another time",
                                   "see that its clock is set")};
}

pg_rows pg_session::run_last(const std::string& sql, const pg_values& values) {
    const pg_query one{&sql, &values, true};
    if (begins_ || !connection_->is_direct()) return run(one);
    pg_rows rows = asked([&] { return connection_->run_and_commit(one); });
    is_committing_ = true;
    return rows;
}

void pg_session::commit() {
    const bool was_committing = std::exchange(is_committing_, false);
    if (std::exchange(begins_, std::nullopt)) is_in_transaction_ = false; // nothing was asked
    if (!was_committing && !is_in_transaction_) return;
    const pg_rows answer = was_committing ? connection_->committed()
                                          : connection_->run("COMMIT", pg_moment::committing);
    is_in_transaction_ = false;
    if (answer.is_of("COMMIT")) return;
    throw store_error(store_fault::failed, place_, "has undone a transaction",
                      "ask for all of it again");
}

void pg_session::roll_back() noexcept {
    if (std::exchange(begins_, std::nullopt)) is_in_transaction_ = false;
    if (std::exchange(is_committing_, false)) connection_.reset();
    if (!is_usable() || !std::exchange(is_in_transaction_, false)) return;
    try {
        connection_->run("ROLLBACK");
    } catch (...) { // it is undone as the connection ends
        connection_.reset();
    }
}

} // namespace cicada::detail
