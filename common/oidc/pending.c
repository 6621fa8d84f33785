/* SPDX-License-Identifier: Apache-2.0 */
#include "common/oidc/pending.h"

#include <openssl/evp.h>

/* provider(16) user(16) began(8) state(43) nonce(43) verifier(43) back */
enum { WORD = LIA_PENDING_WORD - 1, WORDS_AT = 2 * LIA_ID_SIZE + 8, BACK_AT = WORDS_AT + 3 * WORD };
enum { PLAIN_MAX = BACK_AT + LIA_PENDING_BACK - 1 };

static void make_word(char out[LIA_PENDING_WORD])
{
    uint8_t dice[32];
    lia_random(dice, sizeof dice);
    lia_base64url_print(LIA_SPAN_OF(dice), out, LIA_PENDING_WORD);
}

void lia_pending_begin(lia_pending *out, lia_id provider, lia_time now)
{
    *out = (lia_pending){.provider = provider, .began = now};
    make_word(out->state);
    make_word(out->nonce);
    make_word(out->verifier);
}

void lia_pending_challenge(const lia_pending *pending, char out[LIA_PENDING_WORD])
{
    uint8_t digest[32];
    unsigned size = 0;
    out[0] = 0;
    if (EVP_Digest(pending->verifier, WORD, digest, &size, EVP_sha256(), NULL) == 1)
        lia_base64url_print(LIA_SPAN_OF(digest), out, LIA_PENDING_WORD);
}

/* ---- as text --------------------------------------------------------------------------------- */

void lia_pending_print(const lia_hash *key, const lia_pending *pending, char text[LIA_PENDING_TEXT])
{
    uint8_t plain[PLAIN_MAX], sealed[PLAIN_MAX + LIA_SEAL_BYTES];
    size_t back = strlen(pending->back);
    memcpy(plain, pending->provider.bytes, LIA_ID_SIZE);
    memcpy(plain + LIA_ID_SIZE, pending->user.bytes, LIA_ID_SIZE);
    lia_put_u64(plain + 2 * LIA_ID_SIZE, (uint64_t)pending->began.ms);
    memcpy(plain + WORDS_AT, pending->state, WORD);
    memcpy(plain + WORDS_AT + WORD, pending->nonce, WORD);
    memcpy(plain + WORDS_AT + 2 * WORD, pending->verifier, WORD);
    memcpy(plain + BACK_AT, pending->back, back);
    lia_seal(key, lia_span_make(plain, BACK_AT + back), sealed);
    lia_base64url_print(lia_span_make(sealed, BACK_AT + back + LIA_SEAL_BYTES), text,
                        LIA_PENDING_TEXT);
    lia_wipe(plain, sizeof plain);
}

lia_err lia_pending_parse(const lia_hash *key, lia_span text, lia_time now, lia_pending *out)
{
    uint8_t sealed[LIA_BASE64URL_SIZE(LIA_PENDING_TEXT)], plain[sizeof sealed];
    size_t size;
    *out = (lia_pending){0};
    if (text.size >= LIA_PENDING_TEXT || lia_base64url_parse(text, sealed, &size) ||
        size < BACK_AT + LIA_SEAL_BYTES || size > PLAIN_MAX + LIA_SEAL_BYTES ||
        lia_unseal(key, lia_span_make(sealed, size), plain))
        return LIA_EDENIED;
    out->provider = lia_id_from(lia_span_make(plain, LIA_ID_SIZE));
    out->user = lia_id_from(lia_span_make(plain + LIA_ID_SIZE, LIA_ID_SIZE));
    out->began.ms = (int64_t)lia_get_u64(plain + 2 * LIA_ID_SIZE);
    memcpy(out->state, plain + WORDS_AT, WORD);
    memcpy(out->nonce, plain + WORDS_AT + WORD, WORD);
    memcpy(out->verifier, plain + WORDS_AT + 2 * WORD, WORD);
    memcpy(out->back, plain + BACK_AT, size - LIA_SEAL_BYTES - BACK_AT);
    lia_wipe(plain, sizeof plain);
    bool fresh = out->began.ms <= now.ms && now.ms - out->began.ms < LIA_PENDING_MS;
    return fresh ? LIA_OK : LIA_EDENIED;
}

/* ---- where to go on -------------------------------------------------------------------------- */

/* "//host" and "/\host" lead elsewhere, and browsers drop control characters before they look. What
 * is below /api is no page. */
bool lia_back_is_ours(lia_span back)
{
    if (!back.size) return true;
    if (back.size >= LIA_PENDING_BACK || back.data[0] != '/') return false;
    if (back.size > 1 && (back.data[1] == '/' || back.data[1] == '\\')) return false;
    for (size_t i = 0; i < back.size; i++)
        if (back.data[i] <= ' ' || back.data[i] >= 0x7f || back.data[i] == '\\' ||
            back.data[i] == '"')
            return false;
    return !lia_span_starts(back, LIA_SPAN("/api"));
}

/* ---- once ------------------------------------------------------------------------------------ */

bool lia_once_take(lia_once *once, const char *state)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    const lia_span text = lia_span_text(state);
    lia_digest_of("oidc.once", &text, 1, digest);
    uint64_t mark = lia_get_u64(digest) | 1; /* 0: free */
    for (size_t i = 0; i < LIA_COUNT(once->seen); i++)
        if (once->seen[i] == mark) return false;
    once->seen[once->next++ % LIA_COUNT(once->seen)] = mark;
    return true;
}
