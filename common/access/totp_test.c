/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/totp.h"

#include "tests/support/test.h"

/* RFC 6238 appendix B, SHA-1: the last six of its eight digits. */
static const uint8_t key[LIA_TOTP_KEY_SIZE + 1] = "12345678901234567890";

TEST(codes_are_those_of_the_rfc)
{
    static const struct {
        int64_t second;
        const char *code;
    } cases[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        char code[LIA_TOTP_CODE_SIZE + 1];
        lia_totp_code(key, lia_totp_step((lia_time){cases[i].second * 1000}), code);
        CHECK_TEXT(code, cases[i].code);
    }
}

TEST(a_code_counts_once_and_for_a_minute_and_a_half)
{
    const lia_time then = {INT64_C(1111111109) * 1000};
    const uint64_t step = lia_totp_step(then);
    uint64_t used = 0;
    CHECK(lia_totp_check(key, LIA_SPAN("081804"), then, 0, &used));
    CHECK_EQ(used, step);
    CHECK(!lia_totp_check(key, LIA_SPAN("081804"), then, used, &used));
    CHECK(lia_totp_check(key, LIA_SPAN("081804"), (lia_time){then.ms + 30000}, 0, &used));
    CHECK(lia_totp_check(key, LIA_SPAN("081804"), (lia_time){then.ms - 30000}, 0, &used));
    CHECK(!lia_totp_check(key, LIA_SPAN("081804"), (lia_time){then.ms + 60000}, 0, &used));
    CHECK(!lia_totp_check(key, LIA_SPAN("081804"), (lia_time){then.ms - 60000}, 0, &used));
    CHECK(!lia_totp_check(key, LIA_SPAN("081805"), then, 0, &used));
    CHECK(!lia_totp_check(key, LIA_SPAN("81804"), then, 0, &used));
    CHECK(!lia_totp_check(key, LIA_SPAN(""), (lia_time){0}, 0, &used));
}

TEST(a_key_is_shown_in_base32)
{
    char text[LIA_TOTP_KEY_TEXT];
    lia_totp_key_print(key, text);
    CHECK_TEXT(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}
