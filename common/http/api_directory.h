/* SPDX-License-Identifier: Apache-2.0 */
/* api_directory - questions to the node's directory (common/ldap), beside the loop: one at a time,
 * so that a directory which is slow holds one thread of the pool, and a bounded number waits. When
 * it does not answer one, those who wait are told at once. */
#ifndef LIA_HTTP_API_DIRECTORY_H
#define LIA_HTTP_API_DIRECTORY_H

#include "common/http/api_audit.h"
#include "common/http/api_signin.h"
#include "common/ldap/directory.h"

typedef struct lia_directory_job {
    lia_call *call;
    const char *user, *subject, *password; /* as in lia_ldap_question; the last is wiped */
    void (*done)(struct lia_directory_job *job);
    void *context;

    /* The answer, until `done` returns; errors are in the log by then. */
    lia_err err;
    lia_ldap_person person;

    lia_why why;
    lia_arena arena;
    uv_work_t work;
    struct lia_directory_job *next;
} lia_directory_job;

/* Calls `done` later. False when it has been answered: too many wait. */
bool lia_directory_go(lia_directory_job *job);

/* By what people of this directory are known again, together with their subject. */
const char *lia_directory_issuer(const lia_api *api);
/* What people call it. */
const char *lia_directory_title(const lia_api *api);

/* Answers that the directory fails, and who can sign in all the same. */
void lia_directory_fails(lia_call *call);

/* For the end of the api: what is under way and waits ends soon; nothing may wait any more. */
void lia_directory_hurry(lia_api *api);
void lia_directory_fini(lia_api *api);

#endif
