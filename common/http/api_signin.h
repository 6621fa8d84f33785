/* SPDX-License-Identifier: Apache-2.0 */
/* api_signin - what the sign-in paths share: reading a small body, working with passwords beside
 * the loop, commands on secret kinds, giving passes. All of it lives in the call's arena. */
#ifndef LIA_HTTP_API_SIGNIN_H
#define LIA_HTTP_API_SIGNIN_H

#include "common/access/access.h"
#include "common/access/password.h"
#include "common/http/api_gate.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

/* ---- bodies ---------------------------------------------------------------------------------- */

/* Reads the JSON body (none counts as {}) as a message of proto/access.proto. NULL when it has been
 * answered. */
void *lia_call_read(lia_call *call, const ProtobufCMessageDescriptor *type);
/* The signed-in user's session; NULL when it has been answered: nobody has signed in, or by a
 * token. */
const lia_login *lia_call_session(lia_call *call);

/* ---- api_hash.c ------------------------------------------------------------------------------ */

/* Hashing takes tens of milliseconds and 19 MiB, so two at a time work and a bounded number waits.
 */
typedef struct lia_hashing {
    lia_call *call;
    const char *password; /* wiped afterwards, unless `keep` */
    const char *kept;     /* a hash to compare with; NULL: a new one is made */
    bool keep;
    void (*done)(struct lia_hashing *hashing);
    void *context;

    bool good;                         /* the answer, when compared */
    char text[LIA_PASSWORD_TEXT_SIZE]; /* the answer, when made */
    lia_err err;
    uv_work_t job;
    struct lia_hashing *next;
} lia_hashing;

/* Calls `done` later. False when it has been answered: too many wait. */
bool lia_hashing_go(lia_hashing *hashing);
/* A hash that no password has: compared with when there is no other, so that it takes as long. */
const char *lia_hashing_nobody(void);

/* ---- commands -------------------------------------------------------------------------------- */

typedef struct lia_errand {
    lia_call *call;
    void (*then)(struct lia_errand *errand);   /* it is committed */
    void (*failed)(struct lia_errand *errand); /* says why not; NULL: a problem document does */
    void *context;
    bool claimed; /* refused if whoever asks has lost their rights by then (lia_call_claim) */
    lia_command command;
} lia_errand;

/* Sends the command. `then` is not called when it is refused. */
void lia_errand_go(lia_errand *errand, const lia_command_row *row, const ProtobufCMessage *request);
/* For `then`: 204. */
void lia_errand_answer_empty(lia_errand *errand);
/* Sends a command that takes something of a user away and answers 204, unless `err` says why not:
 * of LIA_EABSENT it answers with `absent`. */
void lia_errand_take_away(lia_call *call, lia_err err, const char *absent,
                          const lia_command_row *row, const ProtobufCMessage *request);
/* What is told to whoever is not signed in; `code`, for programs, may be NULL. */
lia_problem lia_entry_problem(unsigned status, const char *code, const char *detail);

/* ---- api_factor.c: second factors ------------------------------------------------------------ */

/* Whether `code` is that of the moment or a recovery code that has not been used; then `change`
 * says that it has been, and must be sent before anything is given for it. `hash` is `change`'s. */
bool lia_code_use(const Access__Credential *credential, lia_id user, const char *code,
                  Access__ChangeCredential *change, uint8_t hash[LIA_DIGEST_SIZE]);

/* ---- passes ---------------------------------------------------------------------------------- */

#define LIA_SESSION_MS (12 * LIA_HOUR_MS)
#define LIA_LINK_MS    (3 * LIA_DAY_MS)

typedef struct lia_issue {
    lia_errand errand;
    lia_id user, pass;
    lia_time expires;
    bool claimed; /* as of an errand */
    char text[LIA_PASS_TEXT_SIZE]; /* the secret */
} lia_issue;

/* Makes a pass for the user; `then` gets the issue as the errand's context. */
void lia_issue_go(lia_issue *issue, lia_call *call, const Access__GivePass *what,
                  void (*then)(lia_errand *errand));
/* api_passes.c: whose passes and identities are asked about: one's own, unless an administrator says whose
 * (?user=). Answers itself and returns false when it may not be. */
bool lia_call_passes_of(lia_call *call, lia_id *user);

/* Somebody who has proven who they are. */
typedef struct lia_entrance {
    lia_id user;
    bool as_token;    /* answers with a bearer token instead of a cookie */
    lia_id provider;  /* who said so; none: nobody else did */
    const char *way;  /* "password": how, for the trail */
    const char *back; /* the page to go on with; NULL: answers 201 */
} lia_entrance;
/* Gives the user a session, notes it, and answers. Borrows the entrance until the call is answered. */
void lia_session_begin(lia_call *call, const lia_entrance *entrance);

/* api_oidc.c: where a browser goes on to sign out at the provider, too. False: nowhere. */
#define LIA_END_SESSION_SIZE 2048
bool lia_call_end_session(const lia_call *call, lia_id provider, char out[LIA_END_SESSION_SIZE]);

#endif
