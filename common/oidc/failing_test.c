/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere between a provider's words and who it is: an error, or the same person. */
#include "common/base/crypto.h"
#include "common/oidc/claims.h"
#include "tests/support/failing.h"

#define AT "https://a.example"
#define KEYS                                                                                       \
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"                                          \
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRV"                                                  \
    "EU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"
/* RFC 7515 appendix A.3 */
#define SIGNED                                                                                     \
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN" \
    "vbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQ" \
    "xfKTUJqPP3-Kg6NU1Q"
#define DOORS                                                                                      \
    "{\"issuer\":\"" AT "\",\"authorization_endpoint\":\"" AT "/go\",\"token_endpoint\":\"" AT     \
    "/t\",\"jwks_uri\":\"" AT "/k\"}"
#define CLAIMS                                                                                     \
    "{\"iss\":\"" AT "\",\"aud\":\"c\",\"sub\":\"s\",\"nonce\":\"n\",\"iat\":1000,\"exp\":1300}"
#define MORE "{\"sub\":\"s\",\"email\":\"a@b.example\",\"email_verified\":true,\"name\":\"A\"}"

static lia_err read_signed(lia_arena *arena)
{
    lia_jwks *set;
    lia_span payload = LIA_SPAN_NONE;
    lia_jose_algorithm algorithm;
    lia_why why = {{0}};
    lia_err err = lia_jwks_read(&set, LIA_SPAN(KEYS), &why);
    if (err) return err;
    err = lia_jws_check(LIA_SPAN(SIGNED), set, arena, &payload, &algorithm, &why);
    CHECK(err ? !payload.size : lia_span_starts(payload, LIA_SPAN("{\"iss\":\"joe\"")));
    lia_jwks_close(set);
    return err;
}

static lia_err read_words(lia_arena *arena)
{
    lia_oidc_doors doors;
    lia_oidc_tokens tokens;
    lia_oidc_person person;
    lia_why why = {{0}};
    const lia_oidc_wanted wanted = {.issuer = AT,
                                    .client_id = "c",
                                    .nonce = "n",
                                    .algorithm = LIA_JOSE_ES256,
                                    .now = {1000000}};
    lia_err err = lia_oidc_doors_read(&doors, LIA_SPAN(DOORS), AT, false, &why);
    if (!err) CHECK_TEXT(doors.token, AT "/t");
    if (!err) err = lia_oidc_tokens_read(&tokens, LIA_SPAN("{\"id_token\":\"i\"}"), arena, &why);
    if (!err) CHECK(lia_span_is(tokens.id, "i"));
    if (!err) err = lia_oidc_person_read(&person, LIA_SPAN(CLAIMS), &wanted, &why);
    if (!err) err = lia_oidc_person_add(&person, LIA_SPAN(MORE), &why);
    if (err) return err;
    CHECK_TEXT(person.subject, "s");
    CHECK_TEXT(person.email, "a@b.example");
    CHECK(person.email_verified);
    return LIA_OK;
}

/* No refusal may be told for what is but a lack of memory: nobody is called a forger for it. */
static lia_err run(void *context)
{
    lia_arena arena;
    lia_err (*read)(lia_arena *) = *(lia_err(**)(lia_arena *))context;
    lia_err err = lia_arena_init(&arena, 1 << 20);
    if (err) return err;
    err = read(&arena);
    if (err) CHECK_EQ(err, LIA_EFULL);
    lia_arena_fini(&arena);
    return err;
}

TEST(a_provider_is_read_wholly_or_memory_is_said_to_have_ended)
{
    static lia_err (*const reads[])(lia_arena *) = {read_signed, read_words};
    CHECK_OK(lia_crypto_init());
    for (size_t i = 0; i < LIA_COUNT(reads); i++) {
        lia_err (*read)(lia_arena *) = reads[i];
        CHECK_OK(run(&read));
        CHECK(lia_failing_each(run, &read, LIA_FAIL_HEAP | LIA_FAIL_ARENA) > 8);
    }
}
