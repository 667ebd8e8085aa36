#include <jobs/notes.hpp>

#include <cicada/base/rfc3339.hpp>
#include <gtest/gtest.h>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;

TEST(job_notes, are_nothing_when_there_is_nothing_to_note) {
    EXPECT_EQ(to_text(job_notes()), "");
    EXPECT_EQ(parse_notes(""), job_notes());
}

TEST(job_notes, are_read_back) {
    job_notes notes{.paused_by = "ops",
                    .pause_note = "a \"feed\"",
                    .paused_until = wall_time(123ns),
                    .stays_paused = true,
                    .asked_for = {{.tag = 1, .key = "k", .nominal = wall_time(5ns)},
                                  {.tag = 2, .origin = run_origin::rerun, .arguments = "[1]"}},
                    .of_earlier_epochs = {{.epoch = 3, .nominal = wall_time(-7ns)}},
                    .backfill_at = wall_time(9ns),
                    .edited_at = wall_time(11ns),
                    .is_removed = true};
    EXPECT_EQ(parse_notes(to_text(notes)), notes);
    notes.backfill_at.reset();
    EXPECT_EQ(parse_notes(to_text(notes)), notes);
}

TEST(job_notes, that_are_none_are_refused) {
    for (const char* text :
         {"x", "[]", "{", R"({"asked_for":[{"tag":1,"origin":"x","at":0}]})",
          R"({"paused_until":"now"})", R"({"edited_at":0.5})",
          R"({"edited_at":33333333333333333333})", R"({"edited_at":9223372036854775808})",
          R"({"asked_for":[{"tag":-1,"origin":"rerun","at":0}]})",
          R"({"earlier":[{"epoch":4294967296,"at":2}]})"})
        EXPECT_THROW(parse_notes(text), parse_error) << text;
}

} // namespace
