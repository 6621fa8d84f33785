/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/filter.h"

#include <stdio.h>
#include <string.h>

#include "common/wire/json.h"
#include "tests/support/test.h"

#define USER_ID  "0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90"
#define OTHER_ID "0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a91"

static lia_arena arena;

static lia_arena *fresh(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)16 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

/* A customer with a bit of everything. */
static lia_filter_subject mei(void)
{
    static const char json[] =
        "{\"type\":\"organization\",\"name\":\"M\xc3\xbcller GmbH\",\"owner\":\"" USER_ID "\","
        "\"emails\":[{\"value\":\"mei@example.com\",\"label\":\"work\",\"verified\":true},{"
        "\"value\":\"x@other.org\"}],"
        "\"tags\":[\"VIP\",\"new\"],\"country\":\"DE\",\"birthday\":\"1999-05-01T12:00:00Z\","
        "\"website\":\"\","
        "\"class\":{\"recency\":5,\"purchases\":3,\"name\":\"champion\",\"spent\":{\"amount_"
        "minor\":1,\"currency\":\"EUR\"}}}";
    lia_json_object object;
    lia_filter_subject subject = {0};
    lia_why why = {""};
    CHECK_OK(lia_json_read(&object, lia_kind_find(LIA_CUSTOMER)->message, LIA_JSON_COMMAND,
                           lia_span_text(json), &arena, &why));
    CHECK_OK(lia_id_parse(LIA_SPAN(OTHER_ID), &subject.id));
    CHECK_OK(lia_time_parse(LIA_SPAN("2026-02-03T04:05:06Z"), &subject.created_at));
    subject.message = object.message;
    return subject;
}

/* Checks the text against mei(), and its negation against the opposite. */
static void check_holds(const char *text, bool want)
{
    lia_filter *filter;
    lia_why why = {""};
    fresh();
    lia_filter_subject subject = mei();
    char negated[512];
    snprintf(negated, sizeof negated, "NOT (%s)", text);
    lia_err err =
        lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER), lia_span_text(text), &arena, &why);
    if (err || lia_filter_holds(filter, &subject) != want) print_error("%s %s\n", text, why.text);
    CHECK_OK(err);
    CHECK_EQ(lia_filter_holds(filter, &subject), want);
    if (!text[strspn(text, " \n")]) return;
    CHECK_OK(lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER), lia_span_text(negated), &arena,
                              &why));
    CHECK_EQ(lia_filter_holds(filter, &subject), !want);
}

typedef struct sample {
    const char *text;
    bool holds;
} sample;

static void check_all(const sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) check_holds(samples[i].text, samples[i].holds);
}

TEST(the_examples_of_the_header_hold)
{
    static const sample samples[] = {
        {"country = \"DE\" AND class.purchases >= 3 AND NOT tags:\"lost\"", true},
        {"emails.value:\"example.com\" OR (created_at > 2026-01-01 AND type = person)", true},
        {"emails.value:\"example.net\" OR (created_at > 2026-01-01 AND type = person)", false},
        {"", true},
        {"  \n ", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(comparisons_follow_the_type_of_their_field)
{
    static const sample samples[] = {
        {"country = DE", true},
        {"country='DE'", true},
        {"country = de", false},
        {"country != DE", false},
        {"country > CZ", true},
        {"country <= DE", true},
        {"country < D", false},
        {"name = \"M\xc3\xbcller GmbH\"", true},
        {"name = M\xc3\xbcller", false},
        {"type = organization", true},
        {"type != person", true},
        {"type:organization", true},
        {"owner = " USER_ID, true},
        {"owner != \"" OTHER_ID "\"", true},
        {"birthday = 1999-05-01T14:00:00+02:00", true},
        {"birthday < 1999-05-02", true},
        {"birthday > 1999-05-02", false},
        {"class.purchases = 3", true},
        {"class.purchases<4", true},
        {"class.purchases > 3", false},
        {"class.purchases != 4294967296", true},
        {"class.name = champion", true},
        {"emails.verified = true", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(every_record_has_an_id_and_a_time)
{
    static const sample samples[] = {
        {"id = " OTHER_ID, true},
        {"id != " OTHER_ID, false},
        {"created_at = 2026-02-03T04:05:06Z", true},
        {"created_at >= 2026-02-04", false},
        {"created_at:*", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(a_field_without_a_value_is_unequal_to_everything)
{
    static const sample samples[] = {
        {"note = x", false},
        {"note != x", true},
        {"note:\"\"", false},
        {"note < zzz", false},
        {"note > \"\"", false},
        {"preferred_channel = unknown", false},
        {"preferred_channel != unknown", true},
        {"website = \"\"", true},
        {"website:*", true},
        {"note:*", false},
        {"phones:*", false},
        {"phones.value != x", true},
        {"emails.label != work", true},
        {"class.last_purchase < 2030-01-01", false},
        {"archived = false", true},
        {"archived != true", true},
        {"archived = true", false},
        {"archived:*", false},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(of_a_set_any_element_will_do)
{
    static const sample samples[] = {
        {"tags = VIP", true},
        {"tags = vip", false},
        {"tags:vip", true},
        {"tags:vi", false},
        {"tags != VIP", true},
        {"tags:lost", false},
        {"tags:*", true},
        {"emails.value = x@other.org", true},
        {"emails = x@other.org", true},
        {"emails:X@OTHER.ORG", true},
        {"emails:other", false},
        {"emails.value:other", true},
        {"emails.label = work AND emails.value = x@other.org", true},
        {"emails.verified = false", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(text_within_text_is_found_without_regard_to_case)
{
    static const sample samples[] = {
        {"name:\"m\xc3\x9cLLER\"", true}, {"name:gmbh", true},
        {"name:\"R G\"", true},           {"name:\"\"", true},
        {"name:mueller", false},          {"name:\"gmbh \"", false},
        {"class.name:AMP", true},         {"country:d", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(and_binds_tighter_than_or_and_not_tightest)
{
    static const sample samples[] = {
        {"type = organization OR type = person AND country = XX", true},
        {"(type = organization OR type = person) AND country = XX", false},
        {"NOT type = person AND country = DE", true},
        {"NOT (type = person OR country = DE)", false},
        {"not not type = organization", true},
        {"NOT(type=person)and(country=DE)", true},
        {"country = DE and country = DE or country = XX", true},
        {"((((((((((((country = DE))))))))))))", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(quotes_take_any_character)
{
    static const sample samples[] = {
        {"name = \"a \\\"b\\\" \\\\ AND ( c\"", false},
        {"name:'\\m\\\xc3\xbcller'", true},
        {"name != 'OR'", true},
        {"name != \"'\"", true},
    };
    check_all(samples, LIA_COUNT(samples));
}

TEST(what_is_wrong_is_told_with_its_column)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"type = person AND contry = DE", "column 19: no field 'contry' in customer"},
        {"class.purchase = 1", "column 7: no field 'purchase' in CustomerClass"},
        {"class. = 1", "column 7: no field '' in CustomerClass"},
        {"class.spent = 1", "column 7: only one step into a field is possible"},
        {"class.spent.amount_minor = 1", "column 7: only one step into a field is possible"},
        {"class = 1", "column 1: class has parts: compare class.recency, for example"},
        {"name.first = x", "column 5: name has no parts"},
        {"id.x = 1", "column 3: one of = != < <= > >= : is wanted"},
        {"country", "column 8: one of = != < <= > >= : is wanted"},
        {"country DE", "column 9: one of = != < <= > >= : is wanted"},
        {"country =", "column 10: a value is wanted"},
        {"country = AND country = DE", "column 15: AND or OR is wanted"},
        {"country = \"DE", "column 11: the quote is not closed"},
        {"country = \"DE\\", "column 11: the quote is not closed"},
        {"country = \"DE\" country = \"AT\"", "column 16: AND or OR is wanted"},
        {"(country = DE", "column 14: AND, OR or ) is wanted"},
        {"country = DE)", "column 13: AND or OR is wanted"},
        {"country = DE AND", "column 17: the filter ends where a comparison is wanted"},
        {"NOT", "column 4: the filter ends where a comparison is wanted"},
        {"()", "column 2: the name of a field is wanted"},
        {"= DE", "column 1: the name of a field is wanted"},
        {"name = \"\xc3\xbc\xc3\xbc\" AND x = 1", "column 17: no field 'x' in customer"},
        {"type = robot", "column 8: type: one of person, organization is wanted"},
        {"type < person", "column 6: type has no order, only = and != fit"},
        {"owner > " USER_ID, "column 7: owner has no order, only = and != fit"},
        {"owner = mei",
         "column 9: owner: an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted"},
        {"archived = yes", "column 12: archived: true or false is wanted"},
        {"class.purchases > 3.5", "column 19: purchases: a whole number is wanted"},
        {"class.purchases > -1", "column 19: purchases: a whole number is wanted"},
        {"class.purchases > 18446744073709551616",
         "column 19: purchases: a whole number is wanted"},
        {"birthday > yesterday",
         "column 12: birthday: an instant such as 2026-11-22 or 2026-11-22T08:30:00Z is wanted"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_filter *filter;
        lia_why why = {""};
        CHECK_ERR(lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER),
                                   lia_span_text(cases[i].text), fresh(), &why),
                  LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].want);
        CHECK(filter == NULL);
    }
}

/* `unit` repeated `count` times, then `end`. */
static const char *repeated(const char *unit, size_t count, const char *end)
{
    lia_buf out = lia_buf_make(fresh());
    for (size_t i = 0; i < count; i++) lia_buf_text(&out, unit);
    lia_buf_add(&out, end, strlen(end) + 1);
    return (const char *)out.data;
}

TEST(hostile_filters_are_refused_not_followed)
{
    static const struct {
        const char *unit;
        size_t count;
        const char *end, *want;
    } cases[] = {
        {"(", 4000, "", "column 17: nested more than 16 deep"},
        {"NOT ", 2000, "id=1", "column 65: nested more than 16 deep"},
        {"country=DE OR ", 64, "country=DE", "column 897: more than 64 comparisons"},
        {" ", 8193, "", "the filter is longer than 8192 bytes"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_filter *filter;
        lia_why why = {""};
        const char *text = repeated(cases[i].unit, cases[i].count, cases[i].end);
        CHECK_ERR(lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER), lia_span_text(text),
                                   &arena, &why),
                  LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].want);
    }
    lia_filter *filter;
    const char *text = repeated("country=DE OR ", 63, "country=DE");
    CHECK_OK(
        lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER), lia_span_text(text), &arena, NULL));
}

TEST(a_small_arena_is_told_apart_from_a_bad_filter)
{
    lia_arena small;
    lia_filter *filter;
    lia_why why;
    CHECK_OK(lia_arena_init(&small, 4096));
    const char *text = repeated("name:x OR ", 40, "name:x");
    CHECK_ERR(
        lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER), lia_span_text(text), &small, &why),
        LIA_EFULL);
    lia_arena_fini(&small);
}

TEST(numbers_below_zero_and_dates_compare)
{
    static const lia_field fields[] = {
        {.number = 1, .name = "delta", .type = LIA_T_INT, .bits = 64},
        {.number = 2, .name = "day", .type = LIA_T_INT, .bits = 32, .meaning = LIA_M_DATE},
    };
    static const lia_message schema = {.name = "test.Sum", .fields = fields, .count = 2};
    static const lia_kind kind = {.name = "sum", .message = &schema};
    static const sample samples[] = {
        {"delta = -5", true},
        {"delta < 0", true},
        {"delta >= -9223372036854775808", true},
        {"delta > -5", false},
        {"day = 1969-12-31", true},
        {"day < 1970-01-01", true},
        {"day > 2026-11-22", false},
    };
    lia_filter_subject subject = {0};
    lia_buf message = lia_buf_make(fresh());
    lia_pb_put_varint(&message, 1, (uint64_t)-5);
    lia_pb_put_varint(&message, 2, (uint64_t)-1);
    subject.message = lia_buf_get(&message);
    for (size_t i = 0; i < LIA_COUNT(samples); i++) {
        lia_filter *filter;
        CHECK_OK(lia_filter_parse(&filter, &kind, lia_span_text(samples[i].text), &arena, NULL));
        CHECK_EQ(lia_filter_holds(filter, &subject), samples[i].holds);
    }
    lia_filter *filter;
    lia_why why;
    CHECK_ERR(
        lia_filter_parse(&filter, &kind, LIA_SPAN("day = 2026-11-22T00:00:00Z"), &arena, &why),
        LIA_EINVAL);
    CHECK_TEXT(why.text, "column 7: day: a date such as 2026-11-22 is wanted");
    CHECK_ERR(
        lia_filter_parse(&filter, &kind, LIA_SPAN("delta = 9223372036854775808"), &arena, &why),
        LIA_EINVAL);
}

TEST(an_equality_that_every_match_needs_is_found)
{
    static const struct {
        const char *text, *field;
        lia_span value;
    } cases[] = {
        {"country = DE", "country", LIA_SPAN("DE")},
        {"note:x AND (country = \"DE\" AND type = organization)", NULL, {NULL, 0}},
        {"note:x AND country = \"DE\" AND type = organization", "country", LIA_SPAN("DE")},
        {"type = organization", "type", LIA_SPAN("\x01")},
        {"country != DE", NULL, {NULL, 0}},
        {"country = DE OR country = AT", NULL, {NULL, 0}},
        {"NOT country = DE", NULL, {NULL, 0}},
        {"language = de", NULL, {NULL, 0}}, /* not indexed */
        {"tags = vip", NULL, {NULL, 0}},    /* a set */
        {"emails.value = a@b", NULL, {NULL, 0}},
        {"archived = false", NULL, {NULL, 0}},
        {"id = " USER_ID, NULL, {NULL, 0}},
        {"", NULL, {NULL, 0}},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_filter *filter;
        const lia_field *field = NULL;
        lia_span value;
        CHECK_OK(lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER),
                                  lia_span_text(cases[i].text), fresh(), NULL));
        CHECK_EQ(lia_filter_equality(filter, &field, &value), cases[i].field != NULL);
        if (!cases[i].field) continue;
        CHECK_TEXT(field->name, cases[i].field);
        CHECK_BYTES(value, cases[i].value);
    }
}

TEST(the_names_of_a_filter_say_what_was_looked_for_and_not_whom)
{
    static const struct {
        const char *filter, *want;
    } cases[] = {
        {"", ""},
        {"name = Mei", "name"},
        {"name:Mei OR (emails:\"mei@\" AND NOT name = \"Tan\")", "name, emails"},
        {"class.purchases > 3 AND created_at > 2026-01-01 AND id:*", "class, created_at, id"},
        {"given_name:name AND name:given_name", "given_name, name"},
        {"NOT (NOT name:*)", "name"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_filter *filter;
        lia_why why = {{0}};
        fresh();
        CHECK_OK(lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER),
                                  lia_span_text(cases[i].filter), &arena, &why));
        lia_buf names = lia_buf_make(&arena);
        lia_filter_put_names(filter, &names);
        CHECK(lia_span_is(lia_buf_get(&names), cases[i].want));
    }
}
