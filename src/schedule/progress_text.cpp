#include <schedule/progress_text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <utility>

#include <cicada/base/rfc3339.hpp>

namespace cicada::detail {

namespace {

constexpr std::pair<std::string_view, life> states[] = {
    {"active", life::active}, {"paused", life::paused},         {"ending", life::ending},
    {"held", life::held},     {"cancelling", life::cancelling}, {"ended", life::ended}};
constexpr std::pair<std::string_view, progress::cause> causes[] = {
    {"schedule", progress::cause::schedule},
    {"trigger", progress::cause::trigger},
    {"request", progress::cause::request}};

class progress_writer {
public:
    explicit progress_writer(std::size_t arrivals) { text_.reserve(192 + 48 * arrivals); }
    std::string text() && { return std::move(text_); }

    template <class... T>
    void put_all(const T&... all) {
        (put(all), ...);
    }

private:
    void put(std::integral auto number) {
        separate();
        append(number);
    }
    void put(bool fact) { put(fact ? 1 : 0); }
    void put(duration d) { put(d.count()); }
    void put(wall_time t) { put(t.time_since_epoch()); }
    void put(life state) { put_word(states, state); }
    void put(progress::cause by) { put_word(causes, by); }
    void put(const nominal_instant& n) {
        const auto& [line, at] = n;
        separate();
        text_ += line == time_line::wall ? 'w' : 'e';
        append(at.count());
    }
    void put(const std::optional<nominal_instant>& n) {
        if (n) return put(*n);
        separate();
        text_ += '-';
    }
    void put(const progress::arrival& a) {
        const auto& [nominal, by, tag] = a;
        put_all(nominal, by, tag);
    }
    void put(const fifo<progress::arrival>& all) {
        put(all.size());
        for (const progress::arrival& one : all) put(one);
    }
    template <class Words, class T>
    void put_word(const Words& words, T value) {
        separate();
        text_ += std::find_if(std::begin(words), std::end(words), [&](const auto& w) {
                     return w.second == value;
                 })->first;
    }
    void append(std::integral auto number) {
        char digits[24];
        const char* const end = std::to_chars(digits, std::end(digits), number).ptr;
        // GCC 12 warns at -O3 of the append that takes two pointers.
        text_ += std::string_view(digits, static_cast<std::size_t>(end - digits));
    }
    void separate() {
        if (!text_.empty()) text_ += ' ';
    }
    std::string text_;
};

class progress_reader {
public:
    explicit progress_reader(std::string_view text) noexcept : text_(text) {}

    template <class... T>
    void get_all(T&... all) {
        (get(all), ...);
    }
    void need_version(std::string_view version) {
        if (next_word() != version)
            fail("a progress in form " + std::string(version),
                 "a later version may have written it, or somebody else");
    }
    void need_end() const {
        if (rest_ != text_.size() + 1) fail(rest_, "the end of the progress");
    }

private:
    void get(std::integral auto& number) { number = read_number(next_word(), number); }
    void get(bool& fact) {
        const std::string_view word = next_word();
        if (word != "0" && word != "1") fail("0 or 1");
        fact = word == "1";
    }
    void get(duration& d) {
        duration::rep count = 0;
        get(count);
        d = duration(count);
    }
    void get(wall_time& t) {
        duration since{};
        get(since);
        t = wall_time(since);
    }
    void get(life& state) { get_word(states, state, "a state"); }
    void get(progress::cause& by) { get_word(causes, by, "what brought it"); }
    void get(nominal_instant& n) { n = read_instant(next_word()); }
    void get(std::optional<nominal_instant>& n) {
        const std::string_view word = next_word();
        n = word == "-" ? std::nullopt : std::optional(read_instant(word));
    }
    void get(progress::arrival& a) { get_all(a.nominal, a.by, a.tag); }
    void get(fifo<progress::arrival>& all) {
        std::size_t left = 0;
        for (get(left); left > 0; --left) { // ends with the text, whatever the number is
            progress::arrival one;
            get(one);
            all.push_back(one);
        }
    }
    template <class Words, class T>
    void get_word(const Words& words, T& value, const char* expected) {
        const std::string_view word = next_word();
        const auto found = std::find_if(std::begin(words), std::end(words),
                                        [&](const auto& w) { return w.first == word; });
        if (found == std::end(words)) fail(expected);
        value = found->second;
    }
    nominal_instant read_instant(std::string_view word) const {
        const char line = word.empty() ? ' ' : word.front();
        if (line != 'w' && line != 'e') fail("an instant, such as w1767225600000000000");
        return {line == 'w' ? time_line::wall : time_line::elapsed,
                duration(read_number(word.substr(1), duration::rep{}))};
    }
    template <class Number>
    Number read_number(std::string_view word, Number) const {
        Number n{};
        const char* const end = word.data() + word.size();
        const auto [stop, error] = std::from_chars(word.data(), end, n);
        if (error != std::errc() || stop != end) fail("a number");
        return n;
    }
    /// Up to the next space.
    std::string_view next_word() {
        if (rest_ > text_.size()) fail(text_.size(), "more: it ends too early");
        word_ = rest_;
        const std::size_t end = std::min(text_.find(' ', word_), text_.size());
        rest_ = end + 1;
        return text_.substr(word_, end - word_);
    }
    [[noreturn]] void fail(std::string expected, std::string hint = {}) const {
        throw parse_error(text_, word_, std::move(expected), std::move(hint));
    }
    [[noreturn]] void fail(std::size_t offset, std::string expected) const {
        throw parse_error(text_, offset, std::move(expected));
    }

    std::string_view text_;
    std::size_t word_ = 0; // the one that was read last
    std::size_t rest_ = 0; // and what follows it; beyond the end when nothing does
};

} // namespace

std::string to_text(const progress& p) {
    // All of its fields, so that a further one does not compile; `runs` is left out.
    const auto& [state, next, delay, is_horizon, is_counted, decided, arrived, waiting, runs,
                 last_run, ran, missed, dropped, failed, untold, failed_in_a_row] = p;
    progress_writer to(arrived.size() + waiting.size());
    to.put_all(1, state, next, delay, is_horizon, is_counted, decided, last_run, ran, missed,
               dropped, failed, untold, failed_in_a_row, arrived, waiting);
    return std::move(to).text();
}

progress parse_progress(std::string_view text) {
    progress p;
    progress_reader from(text);
    from.need_version("1");
    from.get_all(p.state, p.next, p.delay, p.is_horizon, p.is_counted, p.decided, p.last_run, p.ran,
                 p.missed, p.dropped, p.failed, p.untold, p.failed_in_a_row, p.arrived, p.waiting);
    from.need_end();
    return p;
}

} // namespace cicada::detail
