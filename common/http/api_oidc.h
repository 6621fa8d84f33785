/* SPDX-License-Identifier: Apache-2.0 */
/* api_oidc - signing in by a provider, as a browser goes through it: away (api_oidc.c), back
 * (api_oidc_back.c), and with a second factor where somebody set one up here. Whatever goes wrong
 * is a page for people, or a problem document for programs, and an entry in the trail. */
#ifndef LIA_HTTP_API_OIDC_H
#define LIA_HTTP_API_OIDC_H

#include "common/http/api_audit.h"
#include "common/http/api_signin.h"
#include "common/oidc/party.h"
#include "common/oidc/pending.h"
#include "common/oidc/provider.h"

struct lia_api_oidc {
    lia_party *party;
    lia_hash seal; /* of what browsers keep meanwhile */
    lia_once once;
};

#define LIA_REDIRECT_SIZE 600
/* "https://crm.example.com/api/v1/session/providers/{id}/callback", exactly as it must be
 * registered at the provider. Never made of what a request says its host is. */
void lia_call_redirect(const lia_call *call, lia_id provider, char out[LIA_REDIRECT_SIZE]);

/* The cookie of a sign-in that is under way; an empty text takes it away. */
#define LIA_PENDING_COOKIE (LIA_PENDING_TEXT + 160)
void lia_call_pending_cookie(const lia_call *call, const char *text, char out[LIA_PENDING_COOKIE]);
/* The sign-in under way in this browser.   LIA_EDENIED  there is none */
LIA_MUST_USE lia_err lia_call_pending(const lia_call *call, lia_pending *out);

/* Answers that it did not work: `code` is stable, `detail` a sentence; both, and the provider (may
 * be none), go into the trail, too. The sign-in that was under way is none any more. */
typedef struct lia_oidc_no {
    unsigned status;
    const char *code, *detail;
    lia_id provider, user; /* or none */
} lia_oidc_no;
void lia_call_no_entry(lia_call *call, const lia_oidc_no *no);

/* Reads the provider of the path; answers itself and returns false when there is none. */
bool lia_call_provider(lia_call *call, lia_id id, const Access__Provider **out,
                       const char **secret);

/* Failures of the client's address, and its waits, as with passwords. */
bool lia_call_may_try(lia_call *call);
void lia_call_failed_try(lia_call *call);

/* The two ways of the browser. */
void lia_oidc_leave(lia_call *call, lia_id provider);
void lia_oidc_return(lia_call *call, lia_id provider);

#endif
