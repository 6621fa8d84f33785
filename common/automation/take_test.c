/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/take.h"

#include <stdio.h>

#include "common/automation/template.h"
#include "common/wire/json.h"
#include "common/wire/unpack.h"
#include "tests/support/test.h"

static lia_arena arena;

/* The takes of a step, as it is written. */
static Automation__Step *step_of(const char *takes)
{
    lia_json_object object;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 4 << 20));
    lia_arena_reset(&arena);
    const char *json =
        lia_arena_text(&arena, "{\"name\":\"a\",\"action\":\"http\",\"takes\":[%s]}", takes);
    CHECK_OK(lia_json_read(&object, lia_message_find("liaison.automation.Step"), LIA_JSON_COMMAND,
                           lia_span_text(json), &arena, NULL));
    return (void *)lia_unpack(&automation__step__descriptor, object.message, &arena);
}

static lia_err take(const Automation__Step *step, const char *answer,
                    Automation__AnswerValue **values, size_t *count, lia_why *why)
{
    *why = (lia_why){{0}};
    return lia_takes_read(lia_span_text(answer), step->takes, step->n_takes, &arena, values, count,
                          why);
}

TEST(values_are_taken_by_their_pointers_and_as_what_they_are_wanted)
{
    Automation__AnswerValue *values[LIA_TAKES_MAX];
    size_t count;
    lia_why why;
    const Automation__Step *step = step_of(
        "{\"name\":\"score\",\"pointer\":\"/r/0/score\",\"type\":\"whole\"},"
        "{\"name\":\"good\",\"pointer\":\"/good\",\"type\":\"truth\"},"
        "{\"name\":\"due\",\"pointer\":\"/due\",\"type\":\"instant\"},"
        "{\"name\":\"word\",\"pointer\":\"/word\"},{\"name\":\"rate\",\"pointer\":\"/rate\"},"
        "{\"name\":\"left\",\"pointer\":\"/left\",\"may_miss\":true}");
    CHECK_OK(lia_takes_check(step->takes, step->n_takes, &why));
    CHECK_OK(take(step,
                  "{\"r\":[{\"score\":-7}],\"good\":true,\"due\":\"2026-11-22T10:00:00Z\","
                  "\"word\":\"a \\\"b\\\"\",\"rate\":0.87,\"left\":null}",
                  values, &count, &why));
    CHECK_EQ(count, 5);
    CHECK_EQ(values[0]->number, -7);
    CHECK_EQ(values[1]->number, 1);
    CHECK_EQ(values[2]->number, INT64_C(1795341600000));
    CHECK_TEXT(values[3]->text, "a \"b\"");
    CHECK_TEXT(values[4]->text, "0.87");
}

/* What no double holds comes as text; what would be rounded is refused. */
TEST(a_decimal_is_exact_or_refused)
{
    static const struct {
        const char *answer;
        int64_t number;
    } cases[] = {
        {"[0.87]", 8700},     {"[-12.3456]", -123456}, {"[12]", 120000},
        {"[1.5e2]", 1500000}, {"[\"0.1000\"]", 1000},  {"[\"922337203685477.5807\"]", INT64_MAX},
    };
    static const struct {
        const char *answer, *why;
    } bad[] = {
        {"[0.12345]",
         "rate: a number with at most 4 digits behind the point is wanted at /0, another "
         "number is there"},
        {"[1e300]",
         "rate: a number with at most 4 digits behind the point is wanted at /0, another "
         "number is there"},
        {"[922337203685478]",
         "rate: a number with at most 4 digits behind the point is wanted at /0, "
         "another number is there"},
        {"[\"cheap\"]",
         "rate: a number with at most 4 digits behind the point is wanted at /0, other "
         "text is there"},
        {"[[1]]",
         "rate: a number with at most 4 digits behind the point is wanted at /0, a list is "
         "there"},
    };
    Automation__AnswerValue *values[LIA_TAKES_MAX];
    size_t count;
    lia_why why;
    const Automation__Step *step =
        step_of("{\"name\":\"rate\",\"pointer\":\"/0\",\"type\":\"decimal\",\"scale\":4}");
    CHECK_OK(lia_takes_check(step->takes, step->n_takes, &why));
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        CHECK_OK(take(step, cases[i].answer, values, &count, &why));
        CHECK_EQ(values[0]->number, cases[i].number);
        CHECK_EQ(values[0]->scale, 4);
    }
    for (size_t i = 0; i < LIA_COUNT(bad); i++) {
        CHECK_EQ(take(step, bad[i].answer, values, &count, &why), LIA_EINVAL);
        CHECK_TEXT(why.text, bad[i].why);
    }
}

TEST(only_a_decimal_has_digits_behind_the_point)
{
    lia_why why;
    for (size_t i = 0; i < 2; i++) {
        const Automation__Step *step =
            step_of(i ? "{\"name\":\"v\",\"pointer\":\"/0\",\"type\":\"whole\",\"scale\":2}"
                      : "{\"name\":\"v\",\"pointer\":\"/0\",\"type\":\"decimal\",\"scale\":10}");
        CHECK_EQ(lia_takes_check(step->takes, step->n_takes, &why), LIA_EINVAL);
        CHECK_TEXT(why.text, "takes[0].scale: a decimal has 0 to 9 digits behind the point, other "
                             "types have none");
    }
}

TEST(a_decimal_of_an_answer_is_compared_and_written_as_one)
{
    Automation__AnswerValue *values[LIA_TAKES_MAX];
    size_t count;
    lia_why why;
    lia_filter *filter;
    static Automation__Step *steps[1];
    Automation__Plan plan = AUTOMATION__PLAN__INIT;
    steps[0] = step_of("{\"name\":\"rate\",\"pointer\":\"/0\",\"type\":\"decimal\",\"scale\":2}");
    plan.steps = steps;
    plan.n_steps = 1;
    CHECK_OK(take(steps[0], "[0.9]", values, &count, &why));
    const lia_kind *sees = lia_answers_kind(lia_kind_find(LIA_DEAL), &plan, 1, &arena);
    lia_filter_subject subject = {0};
    CHECK_OK(lia_answers_add(&subject.message, sees, values, count, &arena));
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"http.rate = 0.90", true}, {"http.rate > 0.89", true}, {"http.rate >= 0.91", false}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        CHECK_OK(lia_filter_parse(&filter, sees, lia_span_text(cases[i].text), &arena, &why));
        CHECK_EQ(lia_filter_holds(filter, &subject), cases[i].holds);
    }
    CHECK_ERR(lia_filter_parse(&filter, sees, LIA_SPAN("http.rate > 0.891"), &arena, &why),
              LIA_EINVAL);
    lia_buf out = lia_buf_make(&arena);
    CHECK_OK(lia_template_fill(&out, LIA_SPAN("at {{http.rate}}"), sees, &subject, LIA_AS_TEXT));
    lia_buf_byte(&out, 0);
    CHECK_TEXT((const char *)out.data, "at 0.90");
}

TEST(an_answer_that_is_not_so_is_refused_in_plain_words)
{
    static const struct {
        const char *take, *answer, *why;
    } cases[] = {
        {"\"pointer\":\"/a\"", "<html>",
         "the answer is no JSON: line 1, column 1: '[' or '{' expected near '<'"},
        {"\"pointer\":\"/a\"", "",
         "the answer is no JSON: line 1, column 0: '[' or '{' expected near end of file"},
        {"\"pointer\":\"/a/b\"", "{\"a\":1}", "v: nothing is there at /a/b"},
        {"\"pointer\":\"/a\"", "{\"a\":null}", "v: nothing is there at /a"},
        {"\"pointer\":\"/a\"", "{\"a\":[1]}", "v: text is wanted at /a, a list is there"},
        {"\"pointer\":\"\"", "{\"a\":[1]}", "v: text is wanted at the top, an object is there"},
        {"\"pointer\":\"/a\",\"type\":\"whole\"", "{\"a\":\"1\"}",
         "v: a whole number is wanted at /a, text is there"},
        {"\"pointer\":\"/a\",\"type\":\"whole\"", "{\"a\":1.5}",
         "v: a whole number is wanted at /a, a number with a fraction is there"},
        {"\"pointer\":\"/a\",\"type\":\"truth\"", "{\"a\":1}",
         "v: true or false is wanted at /a, a whole number is there"},
        {"\"pointer\":\"/a\",\"type\":\"instant\"", "{\"a\":\"soon\"}",
         "v: an instant such as 2026-11-22T10:00:00Z is wanted at /a, other text is there"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Automation__AnswerValue *values[LIA_TAKES_MAX];
        size_t count;
        lia_why why;
        char text[200];
        snprintf(text, sizeof text, "{\"name\":\"v\",%s}", cases[i].take);
        CHECK_EQ(take(step_of(text), cases[i].answer, values, &count, &why), LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].why);
    }
}

TEST(a_text_that_is_too_long_to_keep_is_refused)
{
    Automation__AnswerValue *values[LIA_TAKES_MAX];
    size_t count;
    lia_why why;
    char answer[LIA_TAKEN_BYTES_MAX + 16];
    const Automation__Step *step = step_of("{\"name\":\"v\",\"pointer\":\"/0\"}");
    for (size_t more = 0; more < 2; more++) {
        size_t size = LIA_TAKEN_BYTES_MAX + more;
        memcpy(answer, "[\"", 2);
        memset(answer + 2, 'x', size);
        memcpy(answer + 2 + size, "\"]", 3);
        CHECK_EQ(take(step, answer, values, &count, &why), more ? LIA_EINVAL : LIA_OK);
    }
    CHECK_TEXT(why.text, "v: more than 1024 bytes are there");
}
