/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/query.h"

#include "tests/support/test.h"

TEST(a_path_is_decoded_once_or_refused)
{
    static const struct {
        const char *encoded, *want; /* NULL: refused */
    } cases[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/a%20b", "/a b"},
        {"/%C3%a9", "/\xc3\xa9"},
        {"/%2541", "/%41"},
        {"/a+b", "/a+b"},
        {"/...", "/..."},
        {"/.a/b.", "/.a/b."},
        {"//", "//"},
        {"/%2f", NULL},
        {"/a%2Fb", NULL},
        {"/%00", NULL},
        {"/%0a", NULL},
        {"/%7f", NULL},
        {"/%", NULL},
        {"/%4", NULL},
        {"/%4g", NULL},
        {"/.", NULL},
        {"/..", NULL},
        {"/../a", NULL},
        {"/a/./b", NULL},
        {"/a/%2e%2E", NULL},
        {"/a/.%2e/b", NULL},
        {"/%c3", NULL},
        {"/%c0%af", NULL},
        {"/%ed%a0%80", NULL},
        {"/%f4%90%80%80", NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        char bytes[64];
        lia_span path = lia_span_make(bytes, strlen(cases[i].encoded));
        memcpy(bytes, cases[i].encoded, path.size);
        lia_err err = lia_http_path_decode(&path);
        CHECK_EQ(err, cases[i].want ? LIA_OK : LIA_EINVAL);
        if (cases[i].want) CHECK_BYTES(path, lia_span_text(cases[i].want));
    }
}

TEST(a_parameter_is_found_by_its_decoded_name)
{
    static const char query[] = "a=1&b&c=&=x&d%5B0%5d=2&a=3&&e+f==4&a";
    static const struct {
        const char *name, *want;
    } cases[] = {{"a", "1"}, {"b", ""},    {"c", ""},   {"d[0]", "2"}, {"e f", "=4"},
                 {"", "x"},  {"aa", NULL}, {"d", NULL}, {"A", NULL}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span value;
        bool found = lia_http_query_find(lia_span_text(query), cases[i].name, &value);
        CHECK_EQ(found, cases[i].want != NULL);
        if (found) CHECK_BYTES(value, lia_span_text(cases[i].want));
    }
    lia_span value;
    CHECK(!lia_http_query_find(LIA_SPAN_NONE, "a", &value));
}

TEST(a_value_is_decoded_with_plus_as_a_blank)
{
    static const struct {
        const char *encoded, *want;
    } cases[] = {
        {"", ""},      {"a+b", "a b"}, {"a%2Bb", "a+b"}, {"%E2%82%AC", "\xe2\x82\xac"},
        {"%0A", "\n"}, {"%00", NULL},  {"%", NULL},      {"%zz", NULL},
        {"%ff", NULL}, {"a%1", NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        uint8_t out[64];
        size_t size;
        lia_err err = lia_http_query_decode(lia_span_text(cases[i].encoded), out, &size);
        CHECK_EQ(err, cases[i].want ? LIA_OK : LIA_EINVAL);
        if (cases[i].want) CHECK_BYTES(lia_span_make(out, size), lia_span_text(cases[i].want));
    }
}
