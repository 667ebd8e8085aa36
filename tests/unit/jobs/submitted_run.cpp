#include <jobs/submitted_run.hpp>

#include <cicada/base/rfc3339.hpp>
#include <cicada/store/errors.hpp>
#include <gmock/gmock.h>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using testing::HasSubstr;

const wall_time noon = parse_instant("2026-11-26T12:00:00Z");
const std::string place = "memory:";

run_row running(const submit_options& how) {
    run_row row = row_of("send", "[1]", how, noon);
    row.of.id = run_id{7};
    row.of.state = run_state::running;
    row.of.fence = 3;
    row.claim = 99;
    return row;
}

TEST(submitted_run, is_ready_at_its_time) {
    const run_row row = row_of("send", "[1]", {.after = 10min, .key = "k", .label = "mail"}, noon);
    EXPECT_EQ(row.of.state, run_state::ready);
    EXPECT_EQ(row.of.origin, run_origin::submitted);
    EXPECT_EQ(row.of.run_at, noon + 10min);
    EXPECT_EQ(row.of.nominal, noon + 10min);
    EXPECT_EQ(row.of.arguments, "[1]");
    EXPECT_EQ(row.of.key, "k");
    EXPECT_EQ(row.label, "mail");
    EXPECT_EQ(row.policy, "");
    EXPECT_EQ(row_of("send", "{}", {.at = noon + 1h}, noon).of.run_at, noon + 1h);
}

TEST(submitted_run, names_what_is_wrong_with_it) {
    const auto refused = [](const std::string& kind, const std::string& arguments,
                            const submit_options& how) -> std::string {
        try {
            row_of(kind, arguments, how, noon);
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
        return {};
    };
    EXPECT_THAT(refused("send", "{", {}),
                HasSubstr(R"(submit("send"): its `arguments` are no JSON)"));
    EXPECT_THAT(refused("send", "{}", {.key = "\xFF"}), HasSubstr("`key`"));
    EXPECT_THAT(refused("send", "{}", {.retry = {.backoff = 1h}}), HasSubstr("`retry.cap`"));
    EXPECT_THAT(refused("", "{}", {}), HasSubstr("`"));
}

TEST(submitted_run, has_not_lost_its_worker_because_its_handler_says_so) {
    run_row row = running({.retry = {.max = 1}, .on_lost = on_lost::retry});
    apply_change(after_attempt(row, {.how = run_end::lost}, noon, place), row);
    EXPECT_TRUE(was_lost(row));
    row.of.state = run_state::running;
    const attempt_end fails{.how = run_end::failed, .reason = row.of.reason};
    apply_change(after_attempt(row, fails, noon, place), row);
    EXPECT_EQ(row.of.state, run_state::ready);
    EXPECT_FALSE(was_lost(row));
}

TEST(submitted_run, ends_as_its_attempt_ends) {
    const run_change change =
        after_attempt(running({}), {.how = run_end::ok, .log = "a\xFF"}, noon, place);
    EXPECT_EQ(change.state, run_state::ok);
    EXPECT_EQ(change.id, run_id{7});
    EXPECT_EQ(change.was, run_state::running);
    EXPECT_EQ(change.fence, 3u);
    EXPECT_EQ(change.claim, 99u);
    EXPECT_EQ(change.log, "a\xEF\xBF\xBD");
    EXPECT_EQ(after_attempt(running({}), {.how = run_end::cancelled}, noon, place).state,
              run_state::cancelled);
}

TEST(submitted_run, is_retried_by_its_own_policy) {
    run_row row = running({.retry = {.max = 2, .backoff = 10s, .factor = 3}});
    for (const auto& [attempt, wait] : {std::pair(2u, 10s), std::pair(3u, 30s)}) {
        const run_change change = after_attempt(row, {.how = run_end::failed}, noon, place);
        EXPECT_EQ(change.state, run_state::ready);
        EXPECT_EQ(change.attempt, attempt);
        EXPECT_EQ(change.run_at, noon + wait);
        apply_change(change, row);
        row.of.state = run_state::running;
    }
    EXPECT_EQ(after_attempt(row, {.how = run_end::failed}, noon, place).state, run_state::failed);
    row.of.attempt = 1;
    EXPECT_EQ(after_attempt(row, {.how = run_end::failed_for_good}, noon, place).state,
              run_state::failed);
    row.of.is_asked_to_end = true;
    EXPECT_EQ(after_attempt(row, {.how = run_end::failed}, noon, place).state, run_state::failed);
}

TEST(submitted_run, is_lost_after_three_losses_or_at_once) { // D11
    run_row row = running({});
    for (const std::uint32_t losses : {1u, 2u}) {
        const run_change change = after_attempt(row, {.how = run_end::lost}, noon, place);
        EXPECT_EQ(change.state, run_state::ready);
        EXPECT_EQ(change.lost, losses);
        EXPECT_EQ(change.attempt, 1u);
        EXPECT_EQ(change.run_at, noon + 1s * losses);
        apply_change(change, row);
        row.of.state = run_state::running;
    }
    const run_change last = after_attempt(row, {.how = run_end::lost}, noon, place);
    EXPECT_EQ(last.state, run_state::lost);
    EXPECT_EQ(last.lost, 3u);
    row = running({.on_lost = on_lost::fail});
    EXPECT_EQ(after_attempt(row, {.how = run_end::lost}, noon, place).state, run_state::lost);
}

TEST(submitted_run, is_cancelled_at_once_only_when_nobody_runs_it) {
    run_row row = running({});
    EXPECT_EQ(after_cancel(row).state, run_state::running);
    EXPECT_TRUE(after_cancel(row).is_asked_to_end);
    row.of.state = run_state::ready;
    EXPECT_EQ(after_cancel(row).state, run_state::cancelled);
}

TEST(submitted_run, that_waits_for_a_retry_has_failed_when_it_is_cancelled) {
    run_row row = running({.retry = {.max = 1}});
    apply_change(after_attempt(row, {.how = run_end::failed}, noon, place), row);
    const run_change change = after_cancel(row);
    EXPECT_EQ(change.state, run_state::failed);
    EXPECT_EQ(change.attempt, 1u) << "there was no second one";
}

TEST(submitted_run, of_a_later_version_is_refused) {
    run_row row = running({});
    row.policy = R"({"patience":1})";
    EXPECT_THROW(after_attempt(row, {.how = run_end::failed}, noon, place), store_error);
    EXPECT_EQ(after_attempt(row, {}, noon, place).state, run_state::ok) << "whatever they are";
}

} // namespace
