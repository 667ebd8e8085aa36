#include <store/postgres/session.hpp>

namespace cicada::detail {

namespace {

constexpr duration after_servers_limit = std::chrono::seconds(1);

std::string ms(duration d) {
    const auto count = std::chrono::ceil<std::chrono::milliseconds>(d).count();
    return std::to_string(std::max<std::int64_t>(count, 1));
}

} // namespace

void pg_session::connect() {
    settled_.clear();
    connection_.emplace(url_, place_);
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
                                               : "BEGIN ISOLATION LEVEL READ COMMITTED; ");
    if (!connection_->is_direct()) text.append(settings()).append("true); ");
    text.append("SELECT m.at, m.server, m.session FROM cicada.moment() AS m");
    return text;
}

std::string pg_session::settings() const {
    return "SELECT cicada.settle('" + ms(longest_idle_) + "', '" + ms(longest_answer_) + "', ";
}

/// What is not there any more may have gone with a migration: then that is told.
template <class F>
pg_rows pg_session::asked(F ask) const {
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
    connection_->answer_within(
        later(elapsed_time(longest_answer_), after_servers_limit).time_since_epoch());
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
    const elapsed_time came_at = elapsed_clock::now();
    rows.next();
    const wall_time at = rows.instant(0);
    server_.number = rows.number<std::uint64_t>(1);
    connection_->is_served_by(rows.integer(2));
    server_.clock.learned(at, sent_at, came_at);
    return at;
}

pg_rows pg_session::run(std::string_view sql, const pg_values& values) {
    return asked([&] { return connection_->run(std::string(sql), values); });
}

pg_rows pg_session::run_prepared(const std::string& sql, const pg_values& values) {
    return asked([&] { return connection_->run_prepared(sql, values); });
}

void pg_session::commit() {
    const pg_rows answer = connection_->run("COMMIT", pg_moment::committing);
    is_in_transaction_ = false;
    if (answer.is_of("COMMIT")) return;
    throw store_error(store_fault::failed, place_, "has undone a transaction",
                      "ask for all of it again");
}

void pg_session::roll_back() noexcept {
    if (!is_usable() || !std::exchange(is_in_transaction_, false)) return;
    try {
        connection_->run("ROLLBACK");
    } catch (...) { // it is undone as the connection ends
        connection_.reset();
    }
}

} // namespace cicada::detail
