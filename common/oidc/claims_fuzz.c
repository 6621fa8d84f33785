/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says what the rest is: a description, tokens, an ID token, user information, what
 * a browser kept. Whatever is taken stands within its bounds, and leads nowhere else. */
#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/oidc/claims.h"
#include "common/oidc/pending.h"

static void read_doors(lia_span json)
{
    lia_why why = {{0}};
    lia_oidc_doors doors;
    if (lia_oidc_doors_read(&doors, json, "https://a.example", false, &why)) return;
    lia_assert(!strncmp(doors.token, "https://", 8) && !strncmp(doors.jwks, "https://", 8));
    lia_assert(!strncmp(doors.authorize, "https://", 8) && !strpbrk(doors.authorize, "\r\n \""));
    lia_assert(!*doors.userinfo || !strncmp(doors.userinfo, "https://", 8));
    lia_assert(!*doors.end_session || !strncmp(doors.end_session, "https://", 8));
}

static void read_person(lia_span json)
{
    lia_why why = {{0}};
    lia_oidc_person person;
    const lia_oidc_wanted wanted = {.issuer = "https://a.example",
                                    .client_id = "c",
                                    .nonce = "n",
                                    .algorithm = LIA_JOSE_RS256,
                                    .now = {1000000}};
    if (lia_oidc_person_read(&person, json, &wanted, &why)) return;
    lia_assert(*person.subject && strlen(person.subject) < sizeof person.subject);
    lia_assert(!person.email_verified || strchr(person.email, '@'));
    (void)!lia_oidc_person_add(&person, json, &why);
}

static void read_pending(lia_span text)
{
    lia_pending pending;
    const lia_hash key = {{7}};
    lia_assert(lia_pending_parse(&key, text, (lia_time){1000}, &pending) == LIA_EDENIED);
    if (!lia_back_is_ours(text) || !text.size) return;
    lia_assert(text.data[0] == '/' && (text.size < 2 || text.data[1] != '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    static bool begun;
    lia_why why = {{0}};
    lia_oidc_tokens tokens;
    lia_oidc_person person = {.subject = "s"};
    if (!begun)
        begun = lia_crypto_init() == LIA_OK && lia_arena_init(&arena, (size_t)1 << 20) == LIA_OK;
    lia_arena_reset(&arena);
    if (!size) return 0;
    const lia_span rest = lia_span_make(data + 1, size - 1);
    if (data[0] == 'd') read_doors(rest);
    if (data[0] == 't') (void)!lia_oidc_tokens_read(&tokens, rest, &arena, &why);
    if (data[0] == 'p') read_person(rest);
    if (data[0] == 'u') (void)!lia_oidc_person_add(&person, rest, &why);
    if (data[0] == 'c') read_pending(rest);
    return 0;
}
