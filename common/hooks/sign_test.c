/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/sign.h"

#include <stdio.h>

#include "tests/support/test.h"

static int digit(char c)
{
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return (int)(strchr(all, c) - all);
}

/* Base64 read by other code than what wrote it. */
static size_t unbase(const char *text, uint8_t *out)
{
    size_t size = 0;
    for (; *text; text += 4) {
        int n = digit(text[0]) << 18 | digit(text[1]) << 12;
        if (text[2] != '=') n |= digit(text[2]) << 6;
        if (text[3] != '=') n |= digit(text[3]);
        out[size++] = (uint8_t)(n >> 16);
        if (text[2] != '=') out[size++] = (uint8_t)(n >> 8);
        if (text[3] != '=') out[size++] = (uint8_t)n;
    }
    return size;
}

/* Example of the specification's reference libraries (svix-webhooks, tests of sign). */
TEST(a_delivery_is_signed_as_the_specification_says)
{
    uint8_t secret[64];
    char text[LIA_HOOK_SIGNATURE_SIZE];
    size_t size = unbase("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", secret);
    CHECK_EQ(size, 24);
    lia_hook_sign(lia_span_make(secret, size), LIA_SPAN_NONE, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                  1614265330, LIA_SPAN("{\"test\": 2432232314}"), text);
    CHECK_TEXT(text, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/* RFC 4231, test case 2, and a key that is longer than a block (case 6). */
TEST(the_code_is_hmac_sha256)
{
    uint8_t mac[LIA_HMAC_SIZE], key[131];
    char text[2 * LIA_HMAC_SIZE + 1];
    const lia_span parts[] = {LIA_SPAN("what do ya want "), LIA_SPAN("for nothing?")};
    lia_hmac_sha256(LIA_SPAN("Jefe"), parts, 2, mac);
    lia_hex_print(LIA_SPAN_OF(mac), text);
    CHECK_TEXT(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    const lia_span one = LIA_SPAN("Test Using Larger Than Block-Size Key - Hash Key First");
    lia_hmac_sha256(LIA_SPAN_OF(key), &one, 1, mac);
    lia_hex_print(LIA_SPAN_OF(mac), text);
    CHECK_TEXT(text, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(while_a_secret_is_replaced_both_sign)
{
    uint8_t a[32] = {1}, b[32] = {2};
    char one[LIA_HOOK_SIGNATURE_SIZE], other[LIA_HOOK_SIGNATURE_SIZE],
        both[LIA_HOOK_SIGNATURE_SIZE], want[2 * LIA_HOOK_SIGNATURE_SIZE];
    lia_hook_sign(LIA_SPAN_OF(a), LIA_SPAN_NONE, "x", 1, LIA_SPAN("body"), one);
    lia_hook_sign(LIA_SPAN_OF(b), LIA_SPAN_NONE, "x", 1, LIA_SPAN("body"), other);
    lia_hook_sign(LIA_SPAN_OF(a), LIA_SPAN_OF(b), "x", 1, LIA_SPAN("body"), both);
    snprintf(want, sizeof want, "%s %s", one, other);
    CHECK_TEXT(both, want);
}

TEST(a_secret_is_printed_with_its_prefix)
{
    uint8_t secret[LIA_HOOK_SECRET_SIZE], back[64];
    char text[LIA_HOOK_SECRET_TEXT_SIZE];
    for (size_t i = 0; i < sizeof secret; i++) secret[i] = (uint8_t)(i * 7);
    lia_hook_secret_print(LIA_SPAN_OF(secret), text);
    CHECK(!strncmp(text, "whsec_", 6));
    CHECK_EQ(unbase(text + 6, back), sizeof secret);
    CHECK(!memcmp(back, secret, sizeof secret));
}
