/* SPDX-License-Identifier: Apache-2.0 */
/* pending - a sign-in that is under way at a provider, kept by the browser itself: sealed with a
 * key of this process, so that it is our own word when it comes back, no memory is held for
 * strangers, and a sign-in that was begun in one browser ends in that one. Pure. */
#ifndef LIA_OIDC_PENDING_H
#define LIA_OIDC_PENDING_H

#include "common/base/crypto.h"
#include "common/base/id.h"
#include "common/base/time.h"

#define LIA_PENDING_MS   600000 /* to sign in at the provider */
#define LIA_PENDING_WORD 44     /* 32 bytes of dice in base64url, and a NUL */
#define LIA_PENDING_BACK 256    /* with its NUL */
#define LIA_PENDING_TEXT 1024

typedef struct lia_pending {
    lia_id provider;
    lia_id user; /* who has to show a second factor yet; none: nobody has come back */
    lia_time began;
    char state[LIA_PENDING_WORD], nonce[LIA_PENDING_WORD], verifier[LIA_PENDING_WORD];
    char back[LIA_PENDING_BACK]; /* where the browser goes on afterwards */
} lia_pending;

/* With fresh words. */
void lia_pending_begin(lia_pending *out, lia_id provider, lia_time now);
/* code_challenge of the verifier by S256 (RFC 7636 section 4.2). */
void lia_pending_challenge(const lia_pending *pending, char out[LIA_PENDING_WORD]);

void lia_pending_print(const lia_hash *key, const lia_pending *pending,
                       char text[LIA_PENDING_TEXT]);
/* LIA_EDENIED  it is not ours, or too old */
LIA_MUST_USE lia_err lia_pending_parse(const lia_hash *key, lia_span text, lia_time now,
                                       lia_pending *out);

/* Whether a browser may be sent there afterwards: a path of this site and nothing that a browser
 * could take for another one. Empty is fine. */
bool lia_back_is_ours(lia_span back);

/* States that have come back, so that none does twice. Zeroed is empty; holds the last ones. */
typedef struct lia_once {
    uint64_t seen[4096];
    size_t next;
} lia_once;
/* False when it was seen before. */
bool lia_once_take(lia_once *once, const char *state);

#endif
