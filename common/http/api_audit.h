/* SPDX-License-Identifier: Apache-2.0 */
/* api_audit - noting who looks at whose data. Every route that answers with what records of a
 * customer hold calls one of these, from whatever thread makes the answer. */
#ifndef LIA_HTTP_API_AUDIT_H
#define LIA_HTTP_API_AUDIT_H

#include "common/http/api_inner.h"

/* Who asks, at most LIA_AUDIT_ACTOR_MAX bytes; valid as long as the call. */
lia_span lia_call_actor(const lia_call *call);
/* Notes a look of whoever asks; its actor is filled in here. */
void lia_call_note(const lia_call *call, lia_audit_entry look);
/* A customer, all of whose records were seen, with `count` records or entries. */
void lia_call_note_members(const lia_call *call, lia_audit_action action, const lia_id *members,
                           size_t member_count, size_t count);
/* One record; nothing when it is of no customer. */
void lia_call_note_shown(const lia_call *call, const lia_shown *shown);

/* Somebody signed in or out, or did not: who (none: nobody whom we know), by which provider (or none),
 * and how or why not, in words of ours. Of failures at most a hundred a minute are written down, so
 * that nobody fills the trail; how many were not the next one tells. */
void lia_call_note_entry(lia_call *call, lia_audit_action action, lia_id user, lia_id provider,
                         const char *words);

/* The customer that the record is, or names; none: it is nobody's. */
lia_id lia_shown_customer(const lia_shown *shown);

/* An entry as an object. */
void lia_audit_put_json(lia_buf *out, const lia_audit_entry *entry);

#endif
