/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/wire/utf8.h"
#include "tests/support/test.h"

#define DEAL_ID "0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90"

static lia_arena arena;

static lia_arena *fresh(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)64 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

static const lia_message *message_of(uint32_t kind)
{
    return lia_kind_find(kind)->message;
}

/* The buffer's text, NUL-terminated. */
static const char *text_of(lia_buf *buf)
{
    CHECK(!buf->failed);
    return (const char *)lia_arena_copy(&arena, lia_buf_get(buf)).data;
}

static const char *printed(const lia_message *schema, lia_span message)
{
    lia_buf out = lia_buf_make(&arena);
    lia_json_put_message(&out, schema, message);
    return text_of(&out);
}

/* What a text reads as, printed again; or why not. */
static const char *reprinted(const lia_message *schema, lia_json_mode mode, const char *json)
{
    lia_json_object object;
    lia_why why = {""};
    lia_err err = lia_json_read(&object, schema, mode, lia_span_text(json), fresh(), &why);
    return err ? lia_arena_text(&arena, "%s", why.text) : printed(schema, object.message);
}

/* ---- writing --------------------------------------------------------------------------------- */

TEST(text_is_quoted_and_what_is_not_utf8_becomes_a_mark)
{
    static const struct {
        lia_span text;
        const char *want;
    } cases[] = {
        {{NULL, 0}, "\"\""},
        {LIA_SPAN("Mei"), "\"Mei\""},
        {LIA_SPAN("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
        {LIA_SPAN("\n\r\t\b\x1f\x7f"), "\"\\n\\r\\t\\u0008\\u001f\x7f\""},
        {LIA_SPAN("a\0b"), "\"a\\u0000b\""},
        {LIA_SPAN("M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80"),
         "\"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80\""},
        {LIA_SPAN("\xff"), "\"\xef\xbf\xbd\""},
        {LIA_SPAN("a\xc3"), "\"a\xef\xbf\xbd\""},
        {LIA_SPAN("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {LIA_SPAN("\xed\xa0\x80z"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_buf out = lia_buf_make(fresh());
        lia_json_put_text(&out, cases[i].text);
        CHECK_TEXT(text_of(&out), cases[i].want);
    }
}

TEST(utf8_is_told_from_what_only_looks_like_it)
{
    static const struct {
        lia_span text;
        bool valid;
    } cases[] = {
        {{NULL, 0}, true},
        {LIA_SPAN("plain"), true},
        {LIA_SPAN("\xc2\x80\xdf\xbf"), true},
        {LIA_SPAN("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), true},
        {LIA_SPAN("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true},
        {LIA_SPAN("\x80"), false},
        {LIA_SPAN("\xc1\xbf"), false},
        {LIA_SPAN("\xe0\x9f\xbf"), false},
        {LIA_SPAN("\xed\xa0\x80"), false},
        {LIA_SPAN("\xf0\x8f\xbf\xbf"), false},
        {LIA_SPAN("\xf4\x90\x80\x80"), false},
        {LIA_SPAN("\xf5\x80\x80\x80"), false},
        {LIA_SPAN("\xe2\x82"), false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_EQ(lia_utf8_valid(cases[i].text), cases[i].valid);
}

TEST(integers_are_written_exactly)
{
    static const struct {
        int64_t value;
        const char *want;
    } cases[] = {
        {0, "0"},
        {-1, "-1"},
        {42, "42"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
        {(INT64_C(1) << 53) + 1, "9007199254740993"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_buf out = lia_buf_make(fresh());
        lia_json_put_int(&out, cases[i].value);
        CHECK_TEXT(text_of(&out), cases[i].want);
    }
    lia_buf out = lia_buf_make(fresh());
    lia_json_put_uint(&out, UINT64_MAX);
    CHECK_TEXT(text_of(&out), "18446744073709551615");
}

TEST(values_are_written_by_type_and_meaning)
{
    static const uint8_t id[] = {0x01, 0x98, 0xc0, 0xde, 0x8f, 0x5a, 0x7c, 0xc0,
                                 0x9d, 0x3a, 0x2f, 0x6b, 0x1c, 0x5e, 0x7a, 0x90};
    static const lia_enum_value colours[] = {{0, "red"}, {2, "blue"}};
    static const lia_enum colour = {"colour", colours, 2};
    static const struct {
        lia_field field;
        lia_wire wire;
        lia_span payload;
        const char *want;
    } cases[] = {
        {{.type = LIA_T_BOOL}, LIA_WIRE_VARINT, LIA_SPAN("\x01"), "true"},
        {{.type = LIA_T_BOOL}, LIA_WIRE_VARINT, LIA_SPAN("\0"), "false"},
        {{.type = LIA_T_INT},
         LIA_WIRE_VARINT,
         LIA_SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
         "-1"},
        {{.type = LIA_T_UINT}, LIA_WIRE_VARINT, LIA_SPAN("\x96\x01"), "150"},
        {{.type = LIA_T_INT, .meaning = LIA_M_INSTANT},
         LIA_WIRE_VARINT,
         LIA_SPAN("\0"),
         "\"1970-01-01T00:00:00.000Z\""},
        {{.type = LIA_T_INT, .meaning = LIA_M_DATE},
         LIA_WIRE_VARINT,
         LIA_SPAN("\x1f"),
         "\"1970-02-01\""},
        {{.type = LIA_T_ENUM, .enumeration = &colour},
         LIA_WIRE_VARINT,
         LIA_SPAN("\x02"),
         "\"blue\""},
        {{.type = LIA_T_ENUM, .enumeration = &colour}, LIA_WIRE_VARINT, LIA_SPAN("\x07"), "7"},
        {{.type = LIA_T_STRING}, LIA_WIRE_BYTES, LIA_SPAN("hi"), "\"hi\""},
        {{.type = LIA_T_BYTES}, LIA_WIRE_BYTES, LIA_SPAN(""), "\"\""},
        {{.type = LIA_T_BYTES}, LIA_WIRE_BYTES, LIA_SPAN("f"), "\"Zg==\""},
        {{.type = LIA_T_BYTES}, LIA_WIRE_BYTES, LIA_SPAN("fo"), "\"Zm8=\""},
        {{.type = LIA_T_BYTES}, LIA_WIRE_BYTES, LIA_SPAN("foobar"), "\"Zm9vYmFy\""},
        {{.type = LIA_T_BYTES, .meaning = LIA_M_ID}, LIA_WIRE_BYTES, {id, 16}, "\"" DEAL_ID "\""},
        {{.type = LIA_T_BYTES, .meaning = LIA_M_ID}, LIA_WIRE_BYTES, {id, 15}, "null"},
        {{.type = LIA_T_BOOL}, LIA_WIRE_BYTES, LIA_SPAN("x"), "null"},
        {{.type = LIA_T_INT}, LIA_WIRE_VARINT, LIA_SPAN("\x80"), "null"},
        {{.type = LIA_T_STRING}, LIA_WIRE_FIXED64, LIA_SPAN("12345678"), "null"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_buf out = lia_buf_make(fresh());
        lia_json_put_value(&out, &cases[i].field, cases[i].wire, cases[i].payload);
        CHECK_TEXT(text_of(&out), cases[i].want);
    }
}

TEST(a_message_in_any_order_gives_each_name_once_and_leaves_out_what_is_unknown)
{
    lia_buf message = lia_buf_make(fresh());
    lia_pb_put_bytes(&message, 12, LIA_SPAN("vip"));    /* tags */
    lia_pb_put_bytes(&message, 900, LIA_SPAN("later")); /* of a newer version */
    lia_pb_put_bytes(&message, 2, LIA_SPAN("Old"));     /* name */
    lia_pb_put_varint(&message, 3, 5);                  /* given_name in the wrong type */
    lia_pb_put_bytes(&message, 12, LIA_SPAN("new"));
    lia_pb_put_bytes(&message, 2, LIA_SPAN("Mei"));
    CHECK_TEXT(printed(message_of(LIA_CUSTOMER), lia_buf_get(&message)),
               "{\"name\":\"Mei\",\"tags\":[\"vip\",\"new\"]}");

    lia_buf sorted = lia_buf_make(&arena);
    lia_pb_put_bytes(&sorted, 2, LIA_SPAN("Old"));
    lia_pb_put_bytes(&sorted, 2, LIA_SPAN("Mei"));
    lia_pb_put_bytes(&sorted, 12, LIA_SPAN("vip"));
    lia_pb_put_varint(&sorted, 12, 1);
    lia_pb_put_bytes(&sorted, 12, LIA_SPAN("new"));
    lia_pb_put_varint(&sorted, 60, 1);
    CHECK_TEXT(printed(message_of(LIA_CUSTOMER), lia_buf_get(&sorted)),
               "{\"name\":\"Mei\",\"tags\":[\"vip\",\"new\"],\"archived\":true}");
}

TEST(members_can_be_written_among_others)
{
    lia_buf out = lia_buf_make(fresh()), message = lia_buf_make(&arena);
    CHECK(!lia_json_put_members(&out, message_of(LIA_CUSTOMER), LIA_SPAN_NONE));
    CHECK_EQ(out.size, 0);
    lia_pb_put_bytes(&message, 2, LIA_SPAN("Mei"));
    CHECK(lia_json_put_members(&out, message_of(LIA_CUSTOMER), lia_buf_get(&message)));
    CHECK_TEXT(text_of(&out), "\"name\":\"Mei\"");
}

/* ---- reading --------------------------------------------------------------------------------- */

TEST(documents_read_as_they_were_written)
{
    static const struct {
        const char *message;
        const char *json;
    } cases[] = {
        {"liaison.crm.Customer", "{\"type\":\"organization\",\"name\":\"M\xc3\xbcller & "
                                 "S\xc3\xb6hne\",\"organization\":\"" DEAL_ID "\","
                                 "\"emails\":[{\"value\":\"a@example.com\",\"label\":\"work\","
                                 "\"verified\":true},{\"value\":\"b@example.com\"}],"
                                 "\"tags\":[\"vip\",\"new\"],\"country\":\"DE\",\"note\":"
                                 "\"line\\nline\",\"birthday\":\"1815-12-10T00:00:00.000Z\"}"},
        {"liaison.crm.Interaction",
         "{\"customer\":\"" DEAL_ID "\",\"type\":\"purchase\",\"channel\":\"in_person\","
         "\"occurred_at\":\"2026-11-22T08:30:00.125Z\",\"amount\":{\"amount_minor\":-"
         "9223372036854775808,\"currency\":\"USD\"},"
         "\"quantity\":4294967295,\"items\":[{\"sku\":\"A-1\",\"quantity\":0,\"price\":{\"amount_"
         "minor\":1177,\"currency\":\"JPY\"}}],"
         "\"duration_ms\":9223372036854775807}"},
        {"liaison.sales.Deal",
         "{\"name\":\"x\",\"customer\":\"" DEAL_ID
         "\",\"history\":[{\"visit\":1,\"stage\":\"new\"},{\"visit\":2}],\"archived\":false}"},
        {"liaison.analytics.Figure", "{\"day\":\"2026-11-22\",\"channel\":\"phone\",\"department\":"
                                     "\"sales\",\"count\":9223372036854775807,"
                                     "\"amounts\":[{\"amount_minor\":1,\"currency\":\"EUR\"},{"
                                     "\"amount_minor\":1,\"currency\":\"USD\"}]}"},
        {"liaison.analytics.Figure", "{\"day\":\"0000-01-01\"}"},
        {"liaison.analytics.Figure", "{\"day\":\"9999-12-31\"}"},
        {"liaison.crm.InteractionLogged", "{}"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(reprinted(lia_message_find(cases[i].message), LIA_JSON_COMMAND, cases[i].json),
                   cases[i].json);
}

TEST(values_may_be_written_in_several_ways)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {" { \"name\" : \"M\\u00fc\" } \n", "{\"name\":\"M\xc3\xbc\"}"},
        {"{\"name\":\"\\ud83d\\ude00\"}", "{\"name\":\"\xf0\x9f\x98\x80\"}"},
        {"{\"birthday\":\"1815-12-10\"}", "{\"birthday\":\"1815-12-10T00:00:00.000Z\"}"},
        {"{\"birthday\":\"2026-11-22T08:30:00.1239+01:00\"}",
         "{\"birthday\":\"2026-11-22T07:30:00.123Z\"}"},
        {"{\"owner\":\"0198C0DE-8F5A-7CC0-9D3A-2F6B1C5E7A90\"}", "{\"owner\":\"" DEAL_ID "\"}"},
        {"{\"name\":null,\"tags\":null,\"emails\":[]}", "{}"},
        {"{\"tags\":[\"b\",\"a\"],\"name\":\"x\"}", "{\"name\":\"x\",\"tags\":[\"b\",\"a\"]}"},
        {"{\"emails\":[{\"value\":\"a@b\",\"label\":null}]}", "{\"emails\":[{\"value\":\"a@b\"}]}"},
        {"{\"language\":\"DE-at\"}", "{\"language\":\"de-AT\"}"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(reprinted(message_of(LIA_CUSTOMER), LIA_JSON_CREATE, cases[i].json),
                   cases[i].want);
}

TEST(what_is_wrong_is_told_with_its_place)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{\"nam\":\"x\"}", "nam: there is no such field"},
        {"{\"emails\":[{\"value\":\"a@b\"},{\"value\":7}]}", "emails[1].value: a text is wanted"},
        {"{\"emails\":[{\"value\":\"a@b\",\"x\":1}]}", "emails[0].x: there is no such field"},
        {"{\"emails\":[{\"label\":\"work\"}]}", "emails[0].value: is required"},
        {"{\"emails\":[{\"value\":\"\"}]}", "emails[0].value: must not be empty"},
        {"{\"emails\":[{\"value\":\"nobody\"}]}",
         "emails[0].value: an e-mail address such as mei@example.com is wanted"},
        {"{\"emails\":[{\"value\":\"a @b\"}]}",
         "emails[0].value: an e-mail address such as mei@example.com is wanted"},
        {"{\"emails\":[{\"value\":\"a@b\"},{\"value\":\"c@d\"},{\"value\":\"a@b\",\"label\":\"x\"}]"
         "}",
         "emails[2]: the same element as [0]"},
        {"{\"emails\":{\"value\":\"a@b\"}}", "emails: a list is wanted"},
        {"{\"emails\":[null]}", "emails[0]: an object is wanted"},
        {"{\"tags\":[\"a\",\"b\",\"a\"]}", "tags[2]: the same element as [0]"},
        {"{\"tags\":[\"a\",\"\"]}", "tags[1]: must not be empty"},
        {"{\"tags\":[null]}", "tags[0]: a text is wanted"},
        {"{\"tags\":\"a\"}", "tags: a list is wanted"},
        {"{\"name\":7}", "name: a text is wanted"},
        {"{\"name\":[\"x\"]}", "name: a text is wanted"},
        {"{\"type\":\"robot\"}", "type: one of person, organization is wanted"},
        {"{\"type\":1}", "type: one of person, organization is wanted"},
        {"{\"type\":\"PERSON\"}", "type: one of person, organization is wanted"},
        {"{\"country\":\"de\"}", "country: a country of two capital letters such as DE is wanted"},
        {"{\"country\":\"\"}", "country: a country of two capital letters such as DE is wanted"},
        {"{\"language\":\"German\"}",
         "language: a language such as de or pt-BR (BCP 47) is wanted"},
        {"{\"language\":\"\"}", "language: a language such as de or pt-BR (BCP 47) is wanted"},
        {"{\"owner\":\"nobody\"}",
         "owner: an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted"},
        {"{\"owner\":\"00000000-0000-0000-0000-000000000000\"}",
         "owner: an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted"},
        {"{\"birthday\":\"10.12.1815\"}",
         "birthday: an instant such as 2026-11-22T08:30:00Z is wanted"},
        {"{\"birthday\":0}", "birthday: an instant such as 2026-11-22T08:30:00Z is wanted"},
        {"{\"archived\":true}", "archived: is set by the node and cannot be written"},
        {"{\"class\":null}", "class: is set by the node and cannot be written"},
        {"[]", "a JSON object is wanted"},
        {"{\"name\":\"a\",\n \"name\":\"b\"}",
         "line 2, column 7: duplicate object key near '\"name\"'"},
        {"{\"name\":\"a\\u0000\"}",
         "line 1, column 17: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"a\\u0000\"'"},
        {"{\"name\":\"\xff\"}", "line 1, column 9: unable to decode byte 0xff near '\"'"},
        {"{\"name\":\"\\ud800\"}",
         "line 1, column 16: invalid Unicode '\\uD800' near '\"\\ud800\"'"},
        {"{\"name\":\"a\"} x", "line 1, column 14: end of file expected near 'x'"},
        {"{'name':1}", "line 1, column 2: string or '}' expected near '''"},
        {"", "line 1, column 0: '[' or '{' expected near end of file"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(reprinted(message_of(LIA_CUSTOMER), LIA_JSON_CREATE, cases[i].json),
                   cases[i].want);
}

TEST(numbers_must_fit_their_field)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{\"probability\":-1}", "probability: a percentage between 0 and 100 is wanted"},
        {"{\"probability\":101}", "probability: a percentage between 0 and 100 is wanted"},
        {"{\"probability\":4294967296}", "probability: a percentage between 0 and 100 is wanted"},
        {"{\"probability\":\"10 %\"}", "probability: a whole number is wanted"},
        {"{\"probability\":1.0}", "probability: a whole number is wanted"},
        {"{\"probability\":1e2}", "probability: a whole number is wanted"},
        {"{\"probability\":\"1\"}", "probability: a whole number is wanted"},
        {"{\"amount\":{\"amount_minor\":9223372036854775808,\"currency\":\"EUR\"}}",
         "line 1, column 45: too big integer near '9223372036854775808'"},
        {"{\"amount\":{\"amount_minor\":1,\"currency\":\"eur\"}}",
         "amount.currency: a currency of three capital letters such as EUR is wanted"},
        {"{\"amount\":{\"amount_minor\":1}}", "amount.currency: is required"},
        {"{\"amount\":{\"amount_minor\":1,\"currency\":null}}", "amount.currency: is required"},
        {"{\"amount\":11.77}", "amount: an object is wanted"},
        {"{\"probability\":100}", "{\"probability\":100}"},
        {"{\"probability\":0}", "{\"probability\":0}"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(reprinted(message_of(LIA_DEAL), LIA_JSON_PATCH, cases[i].json), cases[i].want);
    CHECK_TEXT(reprinted(lia_message_find("liaison.analytics.Figure"), LIA_JSON_CREATE,
                         "{\"day\":\"2026-11-22T00:00:00Z\"}"),
               "day: a date such as 2026-11-22 is wanted");
    CHECK_TEXT(reprinted(message_of(LIA_INTERACTION), LIA_JSON_PATCH, "{\"quantity\":-1}"),
               "quantity: must not be below 0");
    CHECK_TEXT(reprinted(message_of(LIA_INTERACTION), LIA_JSON_PATCH, "{\"quantity\":4294967296}"),
               "quantity: must not be above 4294967295");
    CHECK_TEXT(reprinted(message_of(LIA_INTERACTION), LIA_JSON_PATCH, "{\"quantity\":4294967295}"),
               "{\"quantity\":4294967295}");
}

/* A log may have values from before somebody looked: they are shown as they stand. */
TEST(what_would_be_refused_today_is_still_shown)
{
    lia_buf deal = lia_buf_make(fresh()), customer = lia_buf_make(&arena);
    lia_pb_put_varint(&deal, 7, 250);
    CHECK_TEXT(printed(message_of(LIA_DEAL), lia_buf_get(&deal)), "{\"probability\":250}");
    lia_pb_put_bytes(&customer, 14, LIA_SPAN("German"));
    CHECK_TEXT(printed(message_of(LIA_CUSTOMER), lia_buf_get(&customer)),
               "{\"language\":\"German\"}");
}

TEST(a_mode_says_what_must_and_must_not_be_there)
{
    static const struct {
        lia_json_mode mode;
        const char *json, *want;
    } cases[] = {
        {LIA_JSON_CREATE, "{\"name\":\"x\"}", "customer: is required"},
        {LIA_JSON_CREATE, "{\"name\":\"x\",\"customer\":null}", "customer: is required"},
        {LIA_JSON_CREATE, "{\"name\":\"\",\"customer\":\"" DEAL_ID "\"}",
         "name: must not be empty"},
        {LIA_JSON_CREATE, "{\"name\":\"x\",\"customer\":\"" DEAL_ID "\",\"stage\":\"won\"}",
         "stage: is set by the node and cannot be written"},
        {LIA_JSON_PATCH, "{}", "{}"},
        {LIA_JSON_PATCH, "{\"probability\":null}", "{}"},
        {LIA_JSON_PATCH, "{\"name\":null}", "name: is required and cannot be cleared"},
        {LIA_JSON_PATCH, "{\"state\":\"won\"}", "state: is set by the node and cannot be written"},
        {LIA_JSON_COMMAND, "{\"name\":\"x\"}", "customer: is required"},
        {LIA_JSON_COMMAND, "{\"name\":\"x\",\"customer\":\"" DEAL_ID "\",\"stage\":\"won\"}",
         "{\"name\":\"x\",\"customer\":\"" DEAL_ID "\",\"stage\":\"won\"}"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(reprinted(message_of(LIA_DEAL), cases[i].mode, cases[i].json), cases[i].want);
}

TEST(a_patch_remembers_what_it_mentions)
{
    lia_json_object object;
    lia_why why;
    CHECK_OK(lia_json_read(&object, message_of(LIA_CUSTOMER), LIA_JSON_PATCH,
                           LIA_SPAN("{\"tags\":[],\"note\":null,\"name\":\"x\"}"), fresh(), &why));
    CHECK_EQ(object.mentioned_count, 3);
    CHECK_EQ(object.mentioned[0], 2);
    CHECK_EQ(object.mentioned[1], 12);
    CHECK_EQ(object.mentioned[2], 18);
    CHECK_BYTES(object.message, LIA_SPAN("\x12\x01x"));
}

TEST(elements_without_a_name_are_named_by_their_place)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{\"addresses\":[{\"city\":\"Ulm\"},{\"label\":\"\",\"city\":\"Bonn\"}]}",
         "{\"addresses\":[{\"label\":\"1\",\"city\":\"Ulm\"},{\"label\":\"2\",\"city\":\"Bonn\"}]"
         "}"},
        {"{\"addresses\":[{\"label\":\"home\"},{\"label\":null}]}",
         "{\"addresses\":[{\"label\":\"home\"},{\"label\":\"2\"}]}"},
        {"{\"addresses\":[{},{\"label\":\"1\"},{}]}",
         "{\"addresses\":[{\"label\":\"2\"},{\"label\":\"1\"},{\"label\":\"3\"}]}"},
        {"{\"addresses\":[{},7]}", "addresses[1]: an object is wanted"},
        {"{\"addresses\":[{\"label\":7}]}", "addresses[0].label: a text is wanted"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(reprinted(message_of(LIA_CUSTOMER), LIA_JSON_PATCH, cases[i].json),
                   cases[i].want);
    CHECK_TEXT(reprinted(message_of(LIA_DEAL), LIA_JSON_COMMAND,
                         "{\"name\":\"x\",\"customer\":\"" DEAL_ID
                         "\",\"history\":[{\"stage\":\"new\"}]}"),
               "history[0].visit: must be there, because it tells the elements apart");
}

TEST(plain_bytes_are_base64)
{
    static const lia_field field = {.number = 1, .name = "data", .type = LIA_T_BYTES};
    static const lia_message schema = {.name = "test.Blob", .fields = &field, .count = 1};
    static const char *const refused[] = {
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Z g=", "Zm-_", "\\n"};
    static const char *const texts[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "////", "++++"};
    for (size_t i = 0; i < LIA_COUNT(texts); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"data\":\"%s\"}", texts[i]);
        CHECK_TEXT(reprinted(&schema, LIA_JSON_CREATE, json), json);
    }
    for (size_t i = 0; i < LIA_COUNT(refused); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"data\":\"%s\"}", refused[i]);
        CHECK_TEXT(reprinted(&schema, LIA_JSON_CREATE, json), "data: base64 is wanted");
    }
}

TEST(deep_nesting_and_endless_lists_are_refused)
{
    size_t size = 0, room = 200000;
    char *json = malloc(room);
    size += (size_t)snprintf(json, room, "{\"name\":");
    memset(json + size, '[', 100000);
    json[size + 100000] = '\0';
    CHECK(strstr(reprinted(message_of(LIA_CUSTOMER), LIA_JSON_CREATE, json),
                 "maximum parsing depth"));

    size = (size_t)snprintf(json, room, "{\"tags\":[\"0\"");
    for (int i = 1; i <= 4096; i++)
        size += (size_t)snprintf(json + size, room - size, ",\"%d\"", i);
    snprintf(json + size, room - size, "]}");
    CHECK_TEXT(reprinted(message_of(LIA_CUSTOMER), LIA_JSON_CREATE, json),
               "tags: more than 4096 elements");
    free(json);
}

TEST(a_small_arena_is_told_apart_from_a_bad_document)
{
    lia_arena small;
    lia_json_object object;
    lia_why why;
    CHECK_OK(lia_arena_init(&small, 4096));
    char *json = malloc(9000);
    snprintf(json, 9000, "{\"note\":\"%08000d\"}", 0);
    CHECK_ERR(lia_json_read(&object, message_of(LIA_CUSTOMER), LIA_JSON_CREATE, lia_span_text(json),
                            &small, &why),
              LIA_EFULL);
    CHECK_EQ(object.message.size, 0);
    free(json);
    lia_arena_fini(&small);
}
