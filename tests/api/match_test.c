/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/match.h"

#include <stdlib.h>

#include "tests/support/test.h"

TEST(a_name_takes_a_text_once_and_must_be_equal_from_then_on)
{
    lia_names names = {.count = 0};
    CHECK(lia_match_text(&names, "/customers/{{id}}", "/customers/7"));
    CHECK(lia_match_text(&names, "{{id}}", "7"));
    CHECK(!lia_match_text(&names, "{{id}}", "8"));
    CHECK(lia_match_text(&names, "a{{*}}-{{x}}-b", "a1-2-b"));
    CHECK(!lia_match_text(&names, "plain", "plainer"));
    char *filled = lia_names_fill(&names, "GET /{{id}}/{{x}}");
    CHECK_TEXT(filled, "GET /7/2");
    free(filled);
    CHECK(lia_names_fill(&names, "{{unknown}}") == NULL);
}

static bool matches(const char *pattern, const char *value)
{
    char where[1024];
    lia_names names = {.count = 0};
    json_t *a = json_loads(pattern, JSON_DECODE_ANY, NULL);
    json_t *b = json_loads(value, JSON_DECODE_ANY, NULL);
    bool same = lia_match_json(&names, a, b, where, sizeof where);
    json_decref(a);
    json_decref(b);
    return same;
}

TEST(objects_may_have_more_members_and_arrays_may_not)
{
    CHECK(matches("{\"a\":1}", "{\"a\":1,\"b\":2}"));
    CHECK(!matches("{\"a\":1}", "{\"b\":2}"));
    CHECK(!matches("{\"a\":1}", "{\"a\":\"1\"}"));
    CHECK(matches("{\"a\":\"{{absent}}\"}", "{\"b\":1}"));
    CHECK(!matches("{\"a\":\"{{absent}}\"}", "{\"a\":1}"));
    CHECK(matches("[1,{\"a\":\"{{*}}\"}]", "[1,{\"a\":[2]}]"));
    CHECK(!matches("[1]", "[1,2]"));
    CHECK(matches("[1,\"...\"]", "[1,2]"));
    CHECK(!matches("[1,2,\"...\"]", "[1]"));
}
