/* SPDX-License-Identifier: Apache-2.0 */
/* request - what an HTTP step asks of an address outside: whether it makes sense, and how it is
 * asked for one record. Pure. Internal to common/automation, but lia_request_secret_fits. */
#ifndef LIA_AUTOMATION_REQUEST_H
#define LIA_AUTOMATION_REQUEST_H

#include "common/wire/filter.h"
#include "proto/automation.pb-c.h"

#define LIA_REQUEST_HEADERS_MAX 16
#define LIA_REQUEST_BODY_MAX    ((size_t)64 << 10)
/* How long it is tried: unless said, and at most. */
#define LIA_REQUEST_FOR_MS     LIA_HOUR_MS
#define LIA_REQUEST_FOR_MS_MAX (7 * LIA_DAY_MS)
/* Stands in a header for its secret. */
#define LIA_REQUEST_SECRET "{{secret}}"

/* Checks address, headers, body and what is taken; `sees` is the kind with what steps above take.
 * `why` names the member: "headers[0].value: ...".   LIA_EINVAL */
LIA_MUST_USE lia_err lia_request_check(const Automation__Step *step, const lia_kind *sees,
                                       lia_why *why);

/* How long it is tried. */
int64_t lia_request_for_ms(const Automation__Step *step);

/* Fills method, url, headers, body and takes of *out for a record. Secrets are not put in: their
 * headers go as they are. Lives in the arena or borrows the step.
 *   LIA_EINVAL  with this record's values it cannot be asked; `why` says why     LIA_EFULL */
LIA_MUST_USE lia_err lia_request_fill(Automation__HttpCall *out, const Automation__Step *step,
                                      const lia_kind *sees, const lia_filter_subject *subject,
                                      lia_arena *arena, lia_why *why);

/* Whether `to` of a secret is an origin or the beginning of paths there, and no more. LIA_EINVAL */
LIA_MUST_USE lia_err lia_request_secret_check(const char *to, lia_why *why);
/* Whether a secret that goes only `to` an address may go to `url`. */
bool lia_request_secret_fits(const char *to, const char *url);

const char *lia_request_method(Automation__HttpMethod method);

#endif
