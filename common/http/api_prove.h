/* SPDX-License-Identifier: Apache-2.0 */
/* api_prove - who changes how they sign in proves first who they are: by the password that they
 * have here, or by that of the directory. Failures count, so that whoever holds a session may not
 * guess the password with it. */
#ifndef LIA_HTTP_API_PROVE_H
#define LIA_HTTP_API_PROVE_H

#include "common/access/totp.h"
#include "common/http/api_directory.h"

enum { LIA_RECOVERY_CODES = 10, LIA_RECOVERY_SIZE = 10 };

/* Lives in the call's arena. */
typedef struct lia_proving {
    lia_call *call;
    lia_id user;
    const Access__Credential *credential;
    const char *subject; /* in the directory; NULL: not there */
    int64_t said_ms;     /* when an administrator let them choose a password here (local.h) */
    Access__Proof *proof;
    Access__NewPassword *fresh;
    lia_hashing hashing;
    lia_directory_job directory;
    lia_errand errand;
    lia_entrance entrance;
    uint8_t key[LIA_TOTP_KEY_SIZE];
    char codes[LIA_RECOVERY_CODES][LIA_RECOVERY_SIZE + 1];
} lia_proving;

/* NULL when it has been answered. */
lia_proving *lia_proving_begin(lia_call *call);
/* The same for whoever has signed in, with the body as p->proof. */
lia_proving *lia_proving_begin_own(lia_call *call);
/* How the user signs in, here and in the directory: who does in neither way has an empty
 * credential. */
LIA_MUST_USE lia_err lia_proving_read(lia_proving *p, lia_id user);

/* Whether they may try; false: answered, as too many tries have failed. */
bool lia_proving_may_try(lia_proving *p);
/* Answers 403, and counts. */
void lia_proving_refuse(lia_proving *p, const char *detail);

/* Compares the password with that of the account, wherever it is kept: `then` is called with
 * hashing->good and `p` as context, or it has been answered. */
void lia_prove(lia_proving *p, const char *password, void (*then)(lia_hashing *hashing));
/* The same; a password that is the directory's is refused. */
void lia_prove_here(lia_proving *p, const char *password, void (*then)(lia_hashing *hashing));

/* Sends what changes of how they sign in; `then` gets `p` as context. */
void lia_proving_change(lia_proving *p, Access__ChangeCredential *ask,
                        void (*then)(lia_errand *errand));

#endif
