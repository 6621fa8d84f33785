/* SPDX-License-Identifier: Apache-2.0 */
/* redeem - what one question to a provider takes, on a thread that may wait; and what is known of
 * issuers between two questions. Internal to common/oidc. */
#ifndef LIA_OIDC_REDEEM_H
#define LIA_OIDC_REDEEM_H

#include <pthread.h>

#include "common/oidc/fetch.h"
#include "common/oidc/party.h"

#define LIA_KNOWN_MAX 16 /* issuers; the one that was met longest ago gives way */
#define LIA_DOORS_MS  LIA_HOUR_MS
#define LIA_KEYS_MS   (10 * LIA_MINUTE_MS)

typedef struct lia_known_issuer {
    char issuer[LIA_OIDC_URL_SIZE]; /* "": free */
    lia_oidc_doors doors;
    int64_t doors_ms, keys_ms; /* when they were fetched, monotonic */
    lia_jwks *keys;            /* NULL: none yet */
} lia_known_issuer;

typedef struct lia_known {
    pthread_mutex_t lock;
    lia_known_issuer issuers[LIA_KNOWN_MAX];
} lia_known;

void lia_known_init(lia_known *known);
void lia_known_fini(lia_known *known);
bool lia_known_doors(lia_known *known, const char *issuer, lia_oidc_doors *out);

/* What a thread works with. */
typedef struct lia_redeemer {
    lia_known *known;
    lia_fetch_options how;
    lia_fetch *fetch;
    lia_arena arena;
} lia_redeemer;

/* Fills in the job's answer. */
void lia_redeem(lia_redeemer *with, lia_party_job *job);

#endif
