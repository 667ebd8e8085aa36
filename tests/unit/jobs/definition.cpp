#include <jobs/definition.hpp>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/store/errors.hpp>
#include <gmock/gmock.h>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string place = "memory:";

job plain() { return {.name = "poll", .when = interval(10s), .kind = "poll_feed"}; }

job elaborate() {
    return {.name = "weekly",
            .when = cron("0 7 * * MON", "Europe/Berlin"),
            .kind = "send_report",
            .arguments = R"({"to": "team@example.org"})",
            .first = first(parse_instant("2026-01-01T00:00:00.000000001Z")),
            .until = parse_instant("2027-01-01T00:00:00Z"),
            .times = 12,
            .overlap = overlap::buffer_all{3},
            .on_error = on_error::stop,
            .retry = {.max = 3, .backoff = 2s, .factor = 1.5, .cap = 1min, .jitter = 100ms},
            .catch_up = catch_up::all{4},
            .catch_up_window = 24h,
            .start_deadline = 1h,
            .jitter = 30s,
            .failures = {.in_a_row = 5, .then = failure_limit::action::pause},
            .on_lost = on_lost::fail,
            .when_cut_off = when_cut_off::carry_on,
            .label = "mail"};
}

std::string message(const job& one) {
    try {
        check(one);
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return {};
}

store_fault fault(const std::string& definition) {
    try {
        parse_job(definition, "poll", place);
    } catch (const store_error& e) {
        return e.fault();
    }
    return store_fault::bad_url;
}

TEST(job_definition, leaves_out_what_has_its_default) {
    EXPECT_EQ(to_json({plain()}), R"({"when":"every 10s","kind":"poll_feed"})");
}

TEST(job_definition, is_json_for_people) {
    const std::string expected =
        R"j({"when":"cron(\"0 7 * * 1\", \"Europe/Berlin\")","kind":"send_report",)j"
        R"j("arguments":"{\"to\": \"team@example.org\"}",)j"
        R"j("first":"2026-01-01T00:00:00.000000001Z","until":"2027-01-01T00:00:00Z","times":12,)j"
        R"j("overlap":"buffer_all(3)","on_error":"stop",)j"
        R"j("retry":{"max":3,"backoff":"2s","factor":1.5,"cap":"1m","jitter":"100ms"},)j"
        R"j("catch_up":"all(4)","catch_up_window":"1d","start_deadline":"1h","jitter":"30s",)j"
        R"j("failures":{"in_a_row":5,"then":"pause"},"on_lost":"fail","when_cut_off":"carry_on",)j"
        R"j("label":"mail","anchor":"2026-01-01T00:00:00Z"})j";
    EXPECT_EQ(to_json({elaborate(), parse_instant("2026-01-01T00:00:00Z")}), expected);
}

TEST(job_definition, is_read_back_as_the_same_job) {
    for (const job& one : {plain(), elaborate()}) {
        const stored_job stored{one, parse_instant("2026-01-01T00:00:00.123456789Z")};
        const stored_job back = parse_job(to_json(stored), one.name, place);
        EXPECT_EQ(back.of, one);
        EXPECT_EQ(back.anchor, stored.anchor);
        EXPECT_EQ(to_json(back), to_json(stored));
    }
}

TEST(job_definition, of_a_later_version_is_refused_by_the_field_it_has) {
    try {
        parse_job(R"({"when":"every 10s","kind":"k","retry":{"max":1,"budget":3}})", "poll", place);
        FAIL();
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::too_new);
        EXPECT_THAT(e.what(), HasSubstr(R"(the job "poll")"));
        EXPECT_THAT(e.what(), HasSubstr(R"("retry.budget")"));
    }
    EXPECT_EQ(fault(R"({"when":"every 10s","kind":"k","sometimes":true})"), store_fault::too_new);
}

TEST(job_definition, that_makes_no_sense_is_corrupt) {
    for (const char* text :
         {"", "[]", "{", R"({"when":"every 10s"})", R"({"when":7,"kind":"k"})",
          R"({"when":"every so often","kind":"k"})", R"({"kind":"k","times":-1})",
          R"({"kind":"k","retry":{"max":4294967296}})", R"({"kind":"k","on_lost":"shrug"})",
          R"({"kind":"k","until":"soon"})"})
        EXPECT_EQ(fault(text), store_fault::corrupt) << text;
}

TEST(job, is_equal_to_one_that_says_the_same) {
    EXPECT_EQ(plain(), plain());
    EXPECT_EQ(elaborate(), elaborate());
    job other = elaborate();
    other.retry.factor = 2;
    EXPECT_NE(other, elaborate());
    other = elaborate();
    other.name = "monthly";
    EXPECT_NE(other, elaborate());
    other = plain();
    other.when = cron("* * * * *");
    EXPECT_NE(other, plain());
}

TEST(check_of_a_job, passes_what_is_right) {
    EXPECT_EQ(message(plain()), "");
    EXPECT_EQ(message(elaborate()), "");
}

TEST(check_of_a_job, names_the_job_the_field_and_the_mend) {
    const auto refused = [](auto change) {
        job one = plain();
        change(one);
        return message(one);
    };
    EXPECT_THAT(refused([](job& j) { j.name.clear(); }), HasSubstr("a job needs a `name`"));
    EXPECT_THAT(refused([](job& j) { j.name = std::string(201, 'x'); }),
                HasSubstr("`name` has 201 bytes; write at most 200"));
    EXPECT_THAT(refused([](job& j) { j.name = "a\xFF"; }), HasSubstr("at byte 1"));
    EXPECT_THAT(refused([](job& j) { j.kind.clear(); }),
                HasSubstr(R"(job "poll": it needs a `kind`)"));
    EXPECT_THAT(refused([](job& j) { j.label = std::string("\0", 1); }), HasSubstr("`label`"));
    EXPECT_THAT(refused([](job& j) { j.arguments = "{\"to\": }"; }),
                HasSubstr(R"(job "poll": its `arguments` are no JSON: what is at byte 7)"));
    EXPECT_THAT(refused([](job& j) { j.arguments = ""; }), HasSubstr("write {} for none"));
    EXPECT_THAT(refused([](job& j) { j.arguments = "\"\xED\xA0\x80\""; }), HasSubstr("at byte 1"));
    EXPECT_THAT(refused([](job& j) { j.arguments = '"' + std::string(65536, 'x') + '"'; }),
                HasSubstr("have 65538 bytes; write at most 65536"));
    EXPECT_THAT(refused([](job& j) { j.when = interval(999us); }), HasSubstr("less than 1ms"));
    EXPECT_THAT(refused([](job& j) { j.when = every_interval(999us); }), HasSubstr("each run is"));
    EXPECT_THAT(refused([](job& j) { j.when = cron("@reboot"); }),
                HasSubstr("@reboot is an event"));
    EXPECT_THAT(refused([](job& j) { j.when = cron("0 0 30 2 *"); }), HasSubstr("no instant"));
    EXPECT_THAT(refused([](job& j) { j.first = first(elapsed_time(1s)); }), HasSubstr("wall time"));
    EXPECT_THAT(
        refused([](job& j) { j.retry.when = [](const std::exception_ptr&) { return true; }; }),
        HasSubstr("no_retry"));
    EXPECT_THAT(refused([](job& j) { j.retry.factor = 0.5; }), HasSubstr("`retry.factor`"));
    EXPECT_THAT(refused([](job& j) { j.retry.backoff = -1s; }), HasSubstr("`retry.backoff`"));
    EXPECT_THAT(refused([](job& j) { j.retry.backoff = 10min; }), HasSubstr("`retry.cap`"));
    EXPECT_THAT(refused([](job& j) { j.jitter = -1s; }), HasSubstr("`jitter` is negative"));
    EXPECT_THAT(refused([](job& j) { j.start_deadline = 1s, j.jitter = 2s; }),
                HasSubstr("`start_deadline`"));
    EXPECT_THAT(refused([](job& j) { j.catch_up = catch_up::all{0}; }),
                HasSubstr("catch_up::none"));
}

TEST(rules_of_a_job, put_an_interval_on_the_grid_of_its_anchor) {
    const wall_time anchor = parse_instant("2026-11-26T12:00:03Z");
    const rules by = rules_of({plain(), anchor});
    ASSERT_TRUE(by.when.is_calendar());
    EXPECT_EQ(by.when.as_calendar().next(anchor), anchor + 10s);
    EXPECT_EQ(by.from, anchor);
}

TEST(rules_of_a_job, leave_a_fixed_delay_what_it_is) {
    job one = plain();
    one.when = fixed_delay(10s);
    EXPECT_TRUE(rules_of({one}).when.is_fixed_delay());
}

TEST(policies_of_a_run, are_empty_by_default_and_read_back) {
    EXPECT_EQ(policies_to_json(plain()), "");
    const std::string text = policies_to_json(elaborate());
    EXPECT_EQ(text, R"({"retry":{"max":3,"backoff":"2s","factor":1.5,"cap":"1m","jitter":"100ms"},)"
                    R"("on_lost":"fail","when_cut_off":"carry_on"})");
    const job back = parse_policies(text, "k", place);
    EXPECT_EQ(back.retry.max, 3u);
    EXPECT_EQ(back.on_lost, on_lost::fail);
    EXPECT_EQ(back.when_cut_off, when_cut_off::carry_on);
}

} // namespace
