/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/json_pointer.h"

#include <stdlib.h>

#include "tests/support/test.h"

static json_t *load(const char *text)
{
    json_t *out;
    lia_why why = {{0}};
    CHECK_OK(lia_json_load(lia_span_text(text), &out, &why));
    return out;
}

/* The document and the table of section 5. */
TEST(the_examples_of_the_rfc_hold)
{
    static const struct {
        const char *pointer, *want;
    } cases[] = {
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
    };
    json_t *document = load("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
                            "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");
    CHECK(lia_json_pointer_find(document, LIA_SPAN("")) == document);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span pointer = lia_span_text(cases[i].pointer);
        CHECK_OK(lia_json_pointer_check(pointer, NULL));
        const json_t *found = lia_json_pointer_find(document, pointer);
        CHECK(found != NULL);
        char *text = json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY);
        CHECK_TEXT(text, cases[i].want);
        free(text);
    }
    json_decref(document);
}

TEST(what_is_not_there_is_not_found)
{
    static const char *const pointers[] = {"/a/2",          "/a/-", "/a/01", "/a/+1",
                                           "/a/0/x",        "/b",   "/a/00", "/a/0/",
                                           "/a/9999999999", "/n/x", "a",     "/a~2"};
    json_t *document = load("{\"a\":[1,2],\"n\":null}");
    for (size_t i = 0; i < LIA_COUNT(pointers); i++)
        CHECK(lia_json_pointer_find(document, lia_span_text(pointers[i])) == NULL);
    CHECK(json_is_null(lia_json_pointer_find(document, LIA_SPAN("/n"))));
    json_decref(document);
}

TEST(what_is_no_pointer_is_refused_with_its_place)
{
    static const struct {
        const char *pointer, *want;
    } cases[] = {
        {"a/b", "column 1: it begins with /, as in /result/score"},
        {"/a~", "column 3: ~ is followed by 0 or 1"},
        {"/a~2/b", "column 3: ~ is followed by 0 or 1"},
        {"/\xff", "it is not UTF-8"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_why why = {{0}};
        CHECK_EQ(lia_json_pointer_check(lia_span_text(cases[i].pointer), &why), LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].want);
    }
    char deep[LIA_JSON_POINTER_BYTES_MAX + 2];
    memset(deep, '/', sizeof deep);
    CHECK_EQ(lia_json_pointer_check(lia_span_make(deep, LIA_JSON_POINTER_BYTES_MAX + 1), NULL),
             LIA_EINVAL);
}
