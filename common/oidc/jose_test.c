/* SPDX-License-Identifier: Apache-2.0 */
/* Signed texts of the standards' examples, and the ways to bend them. */
#include "common/oidc/jose.h"

#include <stdio.h>

#include "common/base/crypto.h"
#include "tests/support/test.h"

#define BODY                                                                                       \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl" \
    "fQ"
/* RFC 7515 appendix A.2 */
#define N256                                                                                       \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"                        \
    "4qPCJrcS2mJPMEzP1Pt0Bm4d"                                                                     \
    "4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"                      \
    "bSf63kpaSHSXndS5z5rexM"                                                                       \
    "dbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"                 \
    "I5IhlJH7aGhyxXFvU"                                                                            \
    "K-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RSA_KEY "{\"kty\":\"RSA\",\"n\":\"" N256 "\",\"e\":\"AQAB\"}"
#define RS256_SIGNATURE                                                                            \
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"        \
    "O8W2Fp5j"                                                                                     \
    "ujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"                                            \
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L"                                                 \
    "07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"                                                \
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEU"                                             \
    "ipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define RS256_HEAD "eyJhbGciOiJSUzI1NiJ9"
#define RS256      RS256_HEAD "." BODY "." RS256_SIGNATURE
/* A.3 */
#define EC_X   "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y   "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_KEY "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}"
#define ES256_SIGNATURE                                                                            \
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define ES256 "eyJhbGciOiJFUzI1NiJ9." BODY "." ES256_SIGNATURE
/* RFC 8037 appendix A.4 */
#define ED_KEY                                                                                     \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define EDDSA                                                                                      \
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."                                    \
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

static lia_arena *fresh(void)
{
    static lia_arena arena;
    CHECK_OK(lia_crypto_init());
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

static lia_err check(const char *keys, const char *text, lia_span *payload)
{
    char json[4096];
    lia_jwks *set;
    lia_why why = {{0}};
    lia_jose_algorithm algorithm;
    lia_arena *arena = fresh();
    snprintf(json, sizeof json, "{\"keys\":[%s]}", keys);
    lia_err err = lia_jwks_read(&set, lia_span_text(json), &why);
    if (err) return LIA_ECORRUPT; /* of the set: none that lia_jws_check says */
    err = lia_jws_check(lia_span_text(text), set, arena, payload, &algorithm, &why);
    CHECK(!err || why.text[0]);
    lia_jwks_close(set);
    return err;
}

TEST(the_examples_of_the_standards_are_signed)
{
    static const struct {
        const char *keys, *text, *begin;
    } table[] = {
        {RSA_KEY, RS256, "{\"iss\":\"joe\""},
        {EC_KEY, ES256, "{\"iss\":\"joe\""},
        {ED_KEY, EDDSA, "Example of Ed25519 signing"},
        {ED_KEY "," EC_KEY "," RSA_KEY, RS256, "{\"iss\":\"joe\""},
        {"{\"kty\":\"oct\",\"k\":\"AAAA\"},7,null," EC_KEY, ES256, "{\"iss\":\"joe\""},
    };
    for (size_t i = 0; i < LIA_COUNT(table); i++) {
        lia_span payload;
        CHECK_OK(check(table[i].keys, table[i].text, &payload));
        CHECK(lia_span_starts(payload, lia_span_text(table[i].begin)));
    }
}

TEST(what_is_not_signed_by_a_key_of_the_set_is_refused)
{
    static const struct {
        const char *keys, *text;
        lia_err want;
    } table[] = {
        {EC_KEY, RS256, LIA_EABSENT},
        {RSA_KEY, ES256, LIA_EABSENT},
        {RSA_KEY, EDDSA, LIA_EABSENT},
        /* alg: none, HS256, RS512, PS256; no alg at all */
        {RSA_KEY, "eyJhbGciOiJub25lIn0." BODY ".", LIA_EDENIED},
        {RSA_KEY, "eyJhbGciOiJub25lIn0." BODY "." RS256_SIGNATURE, LIA_EDENIED},
        {RSA_KEY, "eyJhbGciOiJIUzI1NiJ9." BODY "." RS256_SIGNATURE, LIA_EDENIED},
        {RSA_KEY, "eyJhbGciOiJSUzUxMiJ9." BODY "." RS256_SIGNATURE, LIA_EDENIED},
        {RSA_KEY, "e30." BODY "." RS256_SIGNATURE, LIA_EDENIED},
        /* {"alg":"RS256","kid":"x"}: no key is called so */
        {RSA_KEY, "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ." BODY "." RS256_SIGNATURE, LIA_EABSENT},
        /* {"alg":"RS256","crit":["x"]}, {"alg":"RS256","typ":"at+jwt"} */
        {RSA_KEY, "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsieCJdfQ." BODY "." RS256_SIGNATURE, LIA_EDENIED},
        {RSA_KEY, "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9." BODY "." RS256_SIGNATURE,
         LIA_EDENIED},
        {RSA_KEY, RS256_HEAD "." BODY ".", LIA_EDENIED},
        {RSA_KEY, RS256_HEAD "." BODY "." ES256_SIGNATURE, LIA_EDENIED},
        {RSA_KEY, RS256_HEAD ".e30." RS256_SIGNATURE, LIA_EDENIED},
        {EC_KEY, "eyJhbGciOiJFUzI1NiJ9." BODY "." RS256_SIGNATURE, LIA_EDENIED},
        {EC_KEY, "eyJhbGciOiJFUzI1NiJ9." BODY ".", LIA_EDENIED},
        /* r and s nothing but zeroes (CVE-2022-21449) */
        {EC_KEY,
         "eyJhbGciOiJFUzI1NiJ9." BODY
         ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
         LIA_EDENIED},
        {RSA_KEY, "", LIA_EINVAL},
        {RSA_KEY, "..", LIA_EINVAL},
        {RSA_KEY, RS256_HEAD "." BODY, LIA_EINVAL},
        {RSA_KEY, RS256 ".", LIA_EINVAL},
        {RSA_KEY, RS256 "=", LIA_EINVAL},
        {RSA_KEY, RS256 " ", LIA_EINVAL},
        {RSA_KEY, "bm90aGluZw." BODY "." RS256_SIGNATURE, LIA_EINVAL},
    };
    for (size_t i = 0; i < LIA_COUNT(table); i++) {
        lia_span payload;
        CHECK_EQ(check(table[i].keys, table[i].text, &payload), table[i].want);
        CHECK_EQ(payload.size, 0);
    }
}

/* Each place of the text, one bit of it. */
TEST(no_bit_of_a_signed_text_can_be_changed)
{
    lia_span payload;
    char text[sizeof ES256];
    for (size_t i = 0; i < sizeof ES256 - 1; i++) {
        memcpy(text, ES256, sizeof text);
        text[i] = (char)(text[i] ^ 1);
        CHECK(check(EC_KEY, text, &payload) != LIA_OK);
    }
}

TEST(keys_that_are_weak_or_for_something_else_are_passed_over)
{
    static const char *const keys[] = {
        "",
        "{}",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"RSA\",\"n\":\"" N256 "\",\"e\":\"AQAB\",\"use\":\"enc\"}",
        "{\"kty\":\"RSA\",\"n\":\"" N256 "\",\"e\":\"AQAB\",\"alg\":\"PS256\"}",
        "{\"kty\":\"RSA\",\"n\":\"" N256 "\",\"e\":\"AQ\"}", /* 1: anything is its own signature */
        "{\"kty\":\"RSA\",\"n\":\"" N256 "\",\"e\":\"AAAA\"}", /* 0 */
        "{\"kty\":\"RSA\",\"n\":\"" N256 "\",\"e\":\"Ag\"}",   /* 2 */
        "{\"kty\":\"RSA\",\"n\":\"" N256 "\"}",
        "{\"kty\":\"RSA\",\"n\":\"" EC_X "\",\"e\":\"AQAB\"}", /* 256 bits */
        "{\"kty\":\"RSA\",\"n\":\"" N256 N256 N256 N256 N256 "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_X
        "\"}", /* off the curve */
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_"
        "7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qY\"}",
    };
    for (size_t i = 0; i < LIA_COUNT(keys); i++) {
        lia_span payload;
        CHECK_EQ(check(keys[i], RS256, &payload), LIA_ECORRUPT);
    }
    static const char *const sets[] = {"", "[]", "{", "{\"keys\":{}}", "{\"keys\":[]}", "null"};
    for (size_t i = 0; i < LIA_COUNT(sets); i++) {
        lia_why why = {{0}};
        lia_jwks *set;
        CHECK_EQ(lia_jwks_read(&set, lia_span_text(sets[i]), &why), LIA_EINVAL);
        CHECK(set == NULL && why.text[0]);
    }
}

/* OpenID Connect Core appendix A.3 has this pair. */
TEST(an_access_token_is_told_by_half_of_its_hash)
{
    char hash[LIA_JOSE_HALF_TEXT];
    fresh();
    lia_jose_half_hash(LIA_JOSE_RS256, LIA_SPAN("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
                       hash);
    CHECK_TEXT(hash, "77QmUPtjPfzWtF2AnpK9RQ");
}
