#include <cicada/schedule/policy_text.hpp>

#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include <schedule/words.hpp>

using namespace cicada;
using detail::word;
using detail::words;
using testing::ElementsAre;

namespace {

template <class T>
std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (const word<T>& w : words<T>) all.push_back(to_text(w.value));
    return all;
}

/// "offset: expected; hint"
template <class T>
std::string refusal(std::string_view text) {
    try {
        parse<T>(text);
    } catch (const parse_error& e) {
        return std::to_string(e.offset()) + ": " + e.expected() +
               (e.hint().empty() ? "" : "; " + e.hint());
    }
    return "none";
}

/// Compilers write a value that no enumerator has as `(cicada::missed)3`.
template <auto Value>
constexpr bool is_enumerator() {
    return std::string_view(__PRETTY_FUNCTION__).find("Value = (") == std::string_view::npos;
}

/// The enum behind T: T itself, or its mode.
template <class T>
struct enum_of {
    using type = T;
};
template <class T>
    requires requires { typename T::mode; }
struct enum_of<T> {
    using type = typename T::mode;
};

template <class T>
class policy_text : public testing::Test {};
using all_kinds = testing::Types<missed, catch_up, overlap, on_error, failure_limit::action,
                                 decision::kind, gap, month_end, dialect>;
TYPED_TEST_SUITE(policy_text, all_kinds);

TYPED_TEST(policy_text, reads_what_it_writes) {
    for (const word<TypeParam>& w : words<TypeParam>) {
        EXPECT_EQ(parse<TypeParam>(to_text(w.value)), w.value) << w.text;
        if (!w.with) continue;
        for (const std::uint32_t n : {0u, 1u, 3u, std::numeric_limits<std::uint32_t>::max()})
            EXPECT_EQ(parse<TypeParam>(to_text(w.with(n))), w.with(n)) << w.text << ' ' << n;
    }
}

TYPED_TEST(policy_text, has_a_word_for_each_value_once) {
    using enumeration = typename enum_of<TypeParam>::type;
    constexpr auto count = words<TypeParam>.size();
    EXPECT_TRUE(is_enumerator<static_cast<enumeration>(count - 1)>());
    EXPECT_FALSE(is_enumerator<static_cast<enumeration>(count)>()) << "an enumerator has no word";
    for (const word<TypeParam>& w : words<TypeParam>) {
        int texts = 0, values = 0;
        for (const word<TypeParam>& other : words<TypeParam>) {
            texts += other.text == w.text ? 1 : 0;
            values += other.value == w.value ? 1 : 0;
        }
        EXPECT_EQ(texts, 1) << w.text;
        EXPECT_EQ(values, 1) << w.text;
    }
}

TYPED_TEST(policy_text, refuses_what_is_no_word_and_lists_them) {
    for (const char* text : {"", "?", "(", "skip skip", "nothing of the kind", "(3)"}) {
        EXPECT_THROW(parse<TypeParam>(text), parse_error) << text;
    }
    EXPECT_NE(refusal<TypeParam>("?").find(std::string(words<TypeParam>.front().text)),
              std::string::npos);
}

} // namespace

TEST(policy_words, are_those_of_cpp) {
    EXPECT_THAT(texts<missed>(), ElementsAre("skip", "burst", "delay"));
    EXPECT_THAT(texts<catch_up>(), ElementsAre("none", "last", "first", "all(1)"));
    EXPECT_THAT(texts<overlap>(), ElementsAre("skip", "buffer_one", "buffer_latest", "cancel_other",
                                              "buffer_all(1)", "allow(1)"));
    EXPECT_THAT(texts<on_error>(), ElementsAre("carry_on", "stop"));
    EXPECT_THAT(texts<failure_limit::action>(), ElementsAre("notify", "pause", "stop"));
    EXPECT_THAT(texts<decision::kind>(),
                ElementsAre("ran", "failed", "cancelled", "skipped_overlap", "coalesced_into",
                            "missed", "too_late", "excluded", "paused", "clock_went_back", "lost",
                            "restored"));
    EXPECT_THAT(texts<gap>(), ElementsAre("run", "skip"));
    EXPECT_THAT(texts<month_end>(), ElementsAre("clamp", "skip"));
    EXPECT_THAT(texts<dialect>(), ElementsAre("ocps", "quartz"));
}

TEST(policy_words, are_listed_for_who_offers_them) {
    EXPECT_THAT(words_of<missed>(), ElementsAre("skip", "burst", "delay"));
    EXPECT_THAT(words_of<catch_up>(), ElementsAre("none", "last", "first", "all(n)"));
}

TEST(policy_words, have_their_number_in_parentheses) {
    EXPECT_EQ(to_text(overlap(overlap::buffer_all{3})), "buffer_all(3)");
    EXPECT_EQ(to_text(catch_up(catch_up::all{4'294'967'295})), "all(4294967295)");
    EXPECT_EQ(parse<overlap>(" allow ( 2 ) "), overlap(overlap::allow{2}));
    EXPECT_EQ(parse<missed>(" burst "), missed::burst);
}

TEST(policy_words, say_where_and_what_was_expected) {
    EXPECT_EQ(refusal<overlap>("skp"),
              "0: skip, buffer_one, buffer_latest, cancel_other, buffer_all(n) or allow(n); did "
              "you mean skip?");
    EXPECT_EQ(refusal<on_error>("  Stop"), "2: carry_on or stop; did you mean stop?");
    EXPECT_EQ(refusal<missed>("never"), "0: skip, burst or delay");
    EXPECT_EQ(refusal<overlap>("buffer_all"), "10: a number in parentheses; write buffer_all(3)");
    EXPECT_EQ(refusal<overlap>("buffer_all()"), "11: a number from 0 to 4294967295");
    EXPECT_EQ(refusal<catch_up>("all(-1)"), "4: a number from 0 to 4294967295");
    EXPECT_EQ(refusal<catch_up>("all(4294967296)"), "4: a number from 0 to 4294967295");
    EXPECT_EQ(refusal<catch_up>("all(3"), "5: a ')'");
    EXPECT_EQ(refusal<overlap>("skip(3)"), "4: the end");
    EXPECT_EQ(refusal<overlap>("allow(3) 4"), "9: the end");
}

TEST(policy_words, of_decisions_each_have_a_reason) {
    for (const word<decision::kind>& w : words<decision::kind>) {
        EXPECT_EQ(to_string(w.value), w.text);
        EXPECT_FALSE(reason(w.value).empty()) << w.text;
    }
}
