/* SPDX-License-Identifier: Apache-2.0 */
/* party - talks to providers (the relying party's side of OpenID Connect), beside the loop: four
 * threads at most, of which two work for one issuer, so that a slow one does not hold up the
 * others. What issuers publish is kept: their doors for an hour, their keys for ten minutes, or
 * until somebody shows a token that is signed by a newer one. */
#ifndef LIA_OIDC_PARTY_H
#define LIA_OIDC_PARTY_H

#include "common/node/node.h"
#include "common/oidc/claims.h"

#define LIA_PARTY_WAITING_MAX 64

typedef struct lia_party lia_party;

typedef struct lia_party_options {
    uv_loop_t *loop;
    bool to_private;     /* providers may be in private networks, and on this machine without TLS */
    const char *ca_file; /* NULL: the system's. Borrowed */
} lia_party_options;

/* One question. Owned by the caller, untouched by it until `done` is called from the loop. */
typedef struct lia_party_job {
    const char *issuer, *client_id;
    const char *secret; /* NULL: none */
    const char *code;   /* NULL: only where the doors are */
    const char *verifier, *nonce, *redirect;
    const char *said_issuer; /* what the answer named (RFC 9207); NULL: nothing */
    void (*done)(struct lia_party_job *job);
    void *context;

    /* The answer. */
    lia_err err; /* LIA_EIO: it does not answer; LIA_EINVAL: not as it must; LIA_EDENIED: the
                    token is none to trust; LIA_ECLOSED: the node ends; LIA_EFULL */
    lia_why why; /* for people; no secret in it */
    lia_oidc_doors doors;
    lia_oidc_person person;

    struct lia_party_job *next; /* the party's */
} lia_party_job;

/* Threads are made with the first question.   LIA_EFULL */
LIA_MUST_USE lia_err lia_party_open(lia_party **out, const lia_party_options *options);
bool lia_party_takes_plain(const lia_party *party);

/* LIA_EFULL: too many wait. Then `done` is not called. */
LIA_MUST_USE lia_err lia_party_ask(lia_party *party, lia_party_job *job);
/* Whether the issuer's doors are known at this moment. */
bool lia_party_knows(lia_party *party, const char *issuer, lia_oidc_doors *out);

/* What waits and is under way ends soon, unanswered. */
void lia_party_hurry(lia_party *party);
/* Nothing may wait. Frees, then calls `closed` from the loop. */
void lia_party_close(lia_party *party, void (*closed)(void *), void *context);

#endif
