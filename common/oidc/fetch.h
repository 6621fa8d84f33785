/* SPDX-License-Identifier: Apache-2.0 */
/* fetch - one exchange with a provider, by libcurl, on a thread that may wait.
 *
 * An administrator says where providers are, and providers say where their doors are; neither may
 * lead into the network that the node stands in, unless the node's operator allows it. The address
 * is looked at where the socket is made, redirects are not followed, proxies not asked, and answers
 * bounded in bytes and time. Plain http goes to this machine only, and only when that is allowed.
 */
#ifndef LIA_OIDC_FETCH_H
#define LIA_OIDC_FETCH_H

#include "common/base/err.h"

#define LIA_FETCH_BYTES_MAX  ((size_t)256 << 10)
#define LIA_FETCH_TIMEOUT_MS 10000

typedef struct lia_fetch_options {
    bool to_private;     /* also to addresses that are not of the public internet */
    const char *ca_file; /* certificates to trust; NULL: the system's */
    const bool *hurry;   /* set by another thread: give up. May be NULL */
} lia_fetch_options;

typedef struct lia_fetch {
    const char *url;
    const char *form;          /* sent by POST; NULL: GET */
    const char *authorization; /* header; NULL: none. Never logged */

    uint8_t body[LIA_FETCH_BYTES_MAX]; /* the answer */
    size_t size;
    long status;
} lia_fetch;

/* LIA_EIO  no answer, or one that is too large: `why` says it in words that tell no secret
 * LIA_EFULL */
LIA_MUST_USE lia_err lia_fetch_run(lia_fetch *fetch, const lia_fetch_options *options,
                                   lia_why *why);

/* Appends text percent-encoded as forms and addresses want it (RFC 3986: all but the unreserved
 * characters). False when it does not fit: then a part of it stands there. */
bool lia_form_put(char *out, size_t size, const char *text);
/* Appends "&name=value"; without '&' where there is nothing, or a '?', in front. */
bool lia_form_add(char *out, size_t size, const char *name, const char *value);

#endif
