/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider may say of itself, of its tokens and of people. tests/oidc has the same over the
 * wire. */
#include "common/oidc/claims.h"

#include <stdio.h>

#include "common/base/crypto.h"
#include "common/oidc/fetch.h"
#include "common/oidc/pending.h"
#include "common/oidc/provider.h"
#include "tests/support/test.h"

#define AT "https://a.example"
#define DOORS(more)                                                                                \
    "{\"issuer\":\"" AT "\",\"authorization_endpoint\":\"" AT "/go\",\"token_endpoint\":\"" AT     \
    "/t\",\"jwks_uri\":\"" AT "/k\"" more "}"

static lia_err doors(const char *json, const char *issuer, lia_oidc_doors *out)
{
    lia_why why = {{0}};
    lia_err err = lia_oidc_doors_read(out, lia_span_text(json), issuer, false, &why);
    CHECK(!err || why.text[0]);
    return err;
}

TEST(a_description_is_taken_from_its_own_issuer_and_leads_to_tls_only)
{
    lia_oidc_doors out;
    CHECK_OK(doors(DOORS(""), AT, &out));
    CHECK_TEXT(out.authorize, AT "/go");
    CHECK_TEXT(out.jwks, AT "/k");
    CHECK(out.by_header && !out.by_form && !out.says_issuer && !*out.userinfo);
    CHECK_OK(doors(DOORS(",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"],"
                         "\"authorization_response_iss_parameter_supported\":true"),
                   AT, &out));
    CHECK(!out.by_header && out.by_form && out.says_issuer);

    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        DOORS(",\"userinfo_endpoint\":\"http://a.example/u\""),
        DOORS(",\"userinfo_endpoint\":\"https://u:p@a.example/\""),
        DOORS(",\"end_session_endpoint\":\"javascript:alert(1)\""),
        DOORS(",\"end_session_endpoint\":\"https://a.example/\\r\\nx\""),
        DOORS(",\"end_session_endpoint\":\"https://a.example/#x\""),
        "{\"issuer\":\"" AT "\",\"authorization_endpoint\":\"" AT "/go\",\"token_endpoint\":\"" AT
        "\"}",
    };
    for (size_t i = 0; i < LIA_COUNT(bad); i++) CHECK_EQ(doors(bad[i], AT, &out), LIA_EINVAL);
    CHECK_EQ(doors(DOORS(""), AT "/", &out), LIA_EINVAL);
    CHECK_EQ(doors(DOORS(""), "https://b.example", &out), LIA_EINVAL);
}

/* ---- people ---------------------------------------------------------------------------------- */

#define NOW 1000000
#define SAYS(rest)                                                                                 \
    "{\"iss\":\"" AT                                                                               \
    "\",\"aud\":\"c\",\"sub\":\"s\",\"nonce\":\"n\",\"iat\":1000000,\"exp\":1000300" rest "}"

static lia_err person(const char *json, lia_oidc_person *out)
{
    lia_why why = {{0}};
    const lia_oidc_wanted wanted = {.issuer = AT,
                                    .client_id = "c",
                                    .nonce = "n",
                                    .algorithm = LIA_JOSE_RS256,
                                    .access_token = LIA_SPAN("t"),
                                    .now = {(int64_t)NOW * 1000}};
    lia_err err = lia_oidc_person_read(out, lia_span_text(json), &wanted, &why);
    CHECK(!err || why.text[0]);
    return err;
}

TEST(a_person_is_who_a_token_names_that_was_made_for_us_now)
{
    lia_oidc_person out;
    CHECK_OK(
        person(SAYS(",\"email\":\"a@b.example\",\"email_verified\":true,\"name\":\"A\""), &out));
    CHECK_TEXT(out.subject, "s");
    CHECK_TEXT(out.email, "a@b.example");
    CHECK_TEXT(out.name, "A");
    CHECK(out.email_verified);
    CHECK_OK(person(SAYS(",\"azp\":\"c\""), &out));
    CHECK(!*out.email && !out.email_verified);
    static const char *const unverified[] = {
        SAYS(",\"email\":\"a@b.example\""),
        SAYS(",\"email\":\"a@b.example\",\"email_verified\":\"true\""),
        SAYS(",\"email\":\"a@b.example\",\"email_verified\":1"),
        SAYS(",\"email_verified\":true"),
        SAYS(",\"email\":\"a@b@c.example\",\"email_verified\":true"),
        SAYS(",\"email\":\"a b@c.example\",\"email_verified\":true"),
        SAYS(",\"email\":7,\"email_verified\":true")};
    for (size_t i = 0; i < LIA_COUNT(unverified); i++) {
        CHECK_OK(person(unverified[i], &out));
        CHECK(!out.email_verified);
    }
}

#define WITH(iss, aud, sub, nonce, iat, exp)                                                       \
    "{\"iss\":" iss ",\"aud\":" aud ",\"sub\":" sub ",\"nonce\":" nonce ",\"iat\":" iat            \
    ",\"exp\":" exp "}"

TEST(a_token_that_is_not_as_it_must_be_names_nobody)
{
    static const char *const bad[] = {
        WITH("\"" AT "/\"", "\"c\"", "\"s\"", "\"n\"", "1000000", "1000300"),
        WITH("7", "\"c\"", "\"s\"", "\"n\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"C\"", "\"s\"", "\"n\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "[]", "\"s\"", "\"n\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "[\"c\",\"d\"]", "\"s\"", "\"n\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"\"", "\"n\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "7", "\"n\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "null", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"nn\"", "1000000", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"n\"", "1000000", "999940"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"n\"", "1000061", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"n\"", "999399", "1000300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"n\"", "1000000", "1e300"),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"n\"", "1000000", "\"1000300\""),
        WITH("\"" AT "\"", "\"c\"", "\"s\"", "\"n\"", "-1", "1000300"),
        SAYS(",\"azp\":\"d\""),
        SAYS(",\"azp\":7"),
        SAYS(",\"nbf\":1000061"),
        SAYS(",\"at_hash\":\"\""),
        SAYS(",\"at_hash\":\"AAAA\""),
        SAYS(",\"iss\":\"" AT "\""), /* twice */
        "",
        "[]",
    };
    for (size_t i = 0; i < LIA_COUNT(bad); i++) {
        lia_oidc_person out;
        CHECK_EQ(person(bad[i], &out), LIA_EDENIED);
    }
}

TEST(an_answer_without_an_id_token_is_none_and_repeats_nothing)
{
    lia_arena arena;
    lia_oidc_tokens out;
    lia_why why = {{0}};
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    CHECK_OK(lia_oidc_tokens_read(
        &out, LIA_SPAN("{\"id_token\":\"i\",\"access_token\":\"a\",\"token_type\":\"bearer\"}"),
        &arena, &why));
    CHECK(lia_span_is(out.id, "i") && lia_span_is(out.access, "a"));
    CHECK_OK(lia_oidc_tokens_read(
        &out, LIA_SPAN("{\"id_token\":\"i\",\"access_token\":\"a\",\"token_type\":\"mac\"}"),
        &arena, &why));
    CHECK_EQ(out.access.size, 0);
    static const char *const bad[] = {"{\"error\":\"<b>secret\"}", "{\"access_token\":\"secret\"}",
                                      "secret", "{\"id_token\":7}",
                                      "{\"error\":\"invalid_grant\",\"id_token\":\"secret\"}"};
    for (size_t i = 0; i < LIA_COUNT(bad); i++) {
        CHECK_EQ(lia_oidc_tokens_read(&out, lia_span_text(bad[i]), &arena, &why), LIA_EINVAL);
        CHECK(why.text[0] && !strstr(why.text, "secret"));
    }
    lia_arena_fini(&arena);
}

/* ---- what a browser keeps ---------------------------------------------------------------------
 */

TEST(what_a_browser_kept_is_ours_for_ten_minutes_or_nothing)
{
    lia_pending begun, back;
    char text[LIA_PENDING_TEXT];
    const lia_hash key = {{1}}, other = {{2}};
    const lia_time now = {5000000};
    CHECK_OK(lia_crypto_init());
    lia_pending_begin(&begun, lia_id_make(now.ms), now);
    memset(begun.back, 'x', sizeof begun.back - 1);
    lia_pending_print(&key, &begun, text);
    CHECK_OK(lia_pending_parse(&key, lia_span_text(text), now, &back));
    CHECK(memcmp(&begun, &back, sizeof begun) == 0);
    CHECK_OK(lia_pending_parse(&key, lia_span_text(text), (lia_time){now.ms + LIA_PENDING_MS - 1},
                               &back));
    CHECK_EQ(
        lia_pending_parse(&key, lia_span_text(text), (lia_time){now.ms + LIA_PENDING_MS}, &back),
        LIA_EDENIED);
    CHECK_EQ(lia_pending_parse(&key, lia_span_text(text), (lia_time){now.ms - 1}, &back),
             LIA_EDENIED);
    CHECK_EQ(lia_pending_parse(&other, lia_span_text(text), now, &back), LIA_EDENIED);
    for (size_t size = 0; size < strlen(text); size++)
        CHECK_EQ(lia_pending_parse(&key, lia_span_make(text, size), now, &back), LIA_EDENIED);
    for (size_t i = 0; text[i]; i++) {
        text[i] = (char)(text[i] ^ 1);
        CHECK_EQ(lia_pending_parse(&key, lia_span_text(text), now, &back), LIA_EDENIED);
        text[i] = (char)(text[i] ^ 1);
    }
}

/* RFC 7636 appendix B. */
TEST(a_proof_is_the_hash_of_its_verifier)
{
    char challenge[LIA_PENDING_WORD];
    lia_pending pending = {.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
    lia_pending_challenge(&pending, challenge);
    CHECK_TEXT(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(a_browser_goes_on_within_this_site)
{
    static const char *const good[] = {"", "/", "/#/deals", "/deals?x=https://a.example/", "/a//b"};
    static const char *const bad[] = {
        "//a.example", "/\\a.example", "https://a.example", "a",    "#",     "/a b",     "/a\r\nb",
        "/\t/a",       "/a\\b",        "/api/v1/session",   "/\"x", "/\x7f", "/\xc3\xa9"};
    char endless[300];
    memset(endless, '/', sizeof endless);
    for (size_t i = 0; i < LIA_COUNT(good); i++) CHECK(lia_back_is_ours(lia_span_text(good[i])));
    for (size_t i = 0; i < LIA_COUNT(bad); i++) CHECK(!lia_back_is_ours(lia_span_text(bad[i])));
    endless[1] = 'a';
    CHECK(!lia_back_is_ours(lia_span_make(endless, LIA_PENDING_BACK)));
    CHECK(lia_back_is_ours(lia_span_make(endless, LIA_PENDING_BACK - 1)));
}

TEST(a_state_counts_once)
{
    static lia_once once;
    char state[16];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 4000; i++) {
            snprintf(state, sizeof state, "state %d", i);
            CHECK_EQ(lia_once_take(&once, state), round == 0);
        }
}

TEST(domains_are_whole_and_case_does_not_count)
{
    const char *const domains[] = {"example.com", "a.example"};
    static const char *const good[] = {"x@example.com", "x@EXAMPLE.com", "y@a.example"};
    static const char *const bad[] = {"x@b.example.com",
                                      "x@notexample.com",
                                      "x@example.com.evil.example",
                                      "example.com",
                                      "x@",
                                      ""};
    for (size_t i = 0; i < LIA_COUNT(good); i++) CHECK(lia_domain_admits(good[i], domains, 2));
    for (size_t i = 0; i < LIA_COUNT(bad); i++) CHECK(!lia_domain_admits(bad[i], domains, 2));
    CHECK(!lia_domain_admits(NULL, domains, 2));
    CHECK(lia_domain_admits("x@anything.example", NULL, 0));
}

TEST(forms_say_what_was_put_in_and_never_more_than_fits)
{
    char out[64] = "https://a.example/?";
    CHECK(lia_form_add(out, sizeof out, "a", "b c&d=e"));
    CHECK(lia_form_add(out, sizeof out, "x", "\xc3\xa9"));
    CHECK_TEXT(out, "https://a.example/?a=b%20c%26d%3De&x=%C3%A9");
    for (size_t size = 1; size < 24; size++) {
        char small[24] = "";
        memset(small + size, '!', sizeof small - size);
        bool fits = lia_form_add(small, size, "name", "a value");
        CHECK_EQ(fits, size >= sizeof "name=a%20value" + 2);
        CHECK(strlen(small) < size);
        for (size_t i = size; i < sizeof small; i++) CHECK_EQ(small[i], '!');
    }
}
