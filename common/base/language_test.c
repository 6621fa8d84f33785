/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/language.h"
#include "tests/support/test.h"

TEST(a_language_is_a_tag_and_stands_in_the_case_that_everybody_writes)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"de", "de"},
        {"DE", "de"},
        {"de-at", "de-AT"},
        {"DE-CH-1996", "de-CH-1996"},
        {"zh-hant-tw", "zh-Hant-TW"},
        {"zh-yue-HK", "zh-yue-HK"},
        {"SR-LATN", "sr-Latn"},
        {"es-419", "es-419"},
        {"sl-rozaj-BISKE", "sl-rozaj-biske"},
        {"en-u-CA-buddhist", "en-u-ca-buddhist"},
        {"de-x-wir", "de-x-wir"},
        {"de-a-bc-x-a-b", "de-a-bc-x-a-b"},
        {"aa-bbb-ccc-ddd-Latn-DE", "aa-bbb-ccc-ddd-Latn-DE"},
    };
    char out[LIA_LANGUAGE_MAX + 1];
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        CHECK(lia_language_read(lia_span_text(cases[i].text), out));
        CHECK_TEXT(out, cases[i].want);
    }
}

TEST(a_name_of_a_language_or_a_broken_tag_is_none)
{
    static const char *const cases[] = {
        "",
        "d",
        "German",
        "Deutsch",
        "deut",
        "de_AT",
        "de-",
        "-de",
        "de--AT",
        "de AT",
        "d\xc3\xa4",
        "12",
        "x-mine",
        "i-klingon",
        "de-A",
        "de-a-b",
        "de-a-b-cd",
        "de-x",
        "de-a-x-b",
        "de-AT-DE",
        "de-AT-Latn",
        "de-12",
        "de-1994a-",
        "de-abcdefghi",
        "de-Latn-Cyrl",
        "aa-bbb-ccc-ddd-eee",
        "de-aaaaaaaa-bbbbbbbb-cccccccc-ddddddd", /* 36 bytes and more */
    };
    char out[LIA_LANGUAGE_MAX + 1];
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        if (lia_language_read(lia_span_text(cases[i]), out)) CHECK_TEXT(cases[i], "refused");
    CHECK(!lia_language_read(LIA_SPAN("de\0"), out));
}
