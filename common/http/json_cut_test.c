/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/json_cut.h"

#include "tests/support/test.h"

TEST(a_member_is_cut_out_as_it_stands)
{
    static const struct {
        const char *object, *want;
    } cases[] = {
        {"{\"record\":{}}", "{}"},
        {" { \"record\" : {\"a\":[1,{\"b\":\"}\"}]} } ", "{\"a\":[1,{\"b\":\"}\"}]}"},
        {"{\"key\":\"a \\\" quote\",\"record\":\"x\\\\\"}", "\"x\\\\\""},
        {"{\"key\":[1,2],\"record\":-1.5e3,\"z\":1}", "-1.5e3"},
        {"{\"key\":null,\"record\":true}", "true"},
        {"{\"inner\":{\"record\":1}}", NULL},
        {"{\"record\"}", NULL},
        {"{\"record\":", NULL},
        {"{\"record\":{", NULL},
        {"{\"record\":1", NULL},
        {"{\"record\":1,}", NULL},
        {"{\"record\":1} x", NULL},
        {"{\"record\":1]", NULL},
        {"{\"record\":\"", NULL},
        {"[\"record\",1]", NULL},
        {"{}", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span value;
        bool found = lia_json_cut(lia_span_text(cases[i].object), "record", &value);
        CHECK_EQ(found, cases[i].want != NULL);
        if (found) CHECK_BYTES(value, lia_span_text(cases[i].want));
    }
}

TEST(members_are_counted_of_objects_only)
{
    static const struct {
        const char *text;
        size_t count;
    } cases[] = {
        {"{\"a\":1}", 1},
        {" { \"a\" : {\"b\":[1,{}]} , \"c\":\"}\" } ", 2},
        {"{\"a\":1,\"a\":2}", 2},
        {"{}", 0},
        {"[1,2]", 0},
        {"{\"a\":1", 0},
        {"{\"a\":1,}", 0},
        {"", 0},
        {"7", 0},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_EQ(lia_json_members(lia_span_text(cases[i].text)), cases[i].count);
}
