/* SPDX-License-Identifier: Apache-2.0 */
/* consent - may a channel be used for a purpose with a customer? What the customer has said, and
 * the rules over it, pure; consent_read.h finds it in the views.
 *
 * There is one record per customer, purpose and channel; absent purpose or channel means any. A
 * record has one permission, the latest, and a set of objections and withdrawals. Whoever records
 * one adds an element that nobody else writes; a permission that has seen it takes it away. So an
 * objection that a permission's writer did not know of stays, whatever their clocks and the order
 * of arrival: any live objection wins. (A register of the highest form would do the same until a
 * fifth concurrent writer pushed the objection out.)
 *
 *     object   adds an objection                     withdraw  adds a withdrawal of a permission
 *     permit   takes both away and permits           lift      takes both and the permission away
 *
 * What is asked about one channel is covered by records about that channel and about any. */
#ifndef LIA_CRM_CONSENT_H
#define LIA_CRM_CONSENT_H

#include "common/base/arena.h"
#include "common/base/time.h"
#include "common/wire/schema.h"
#include "proto/crm.pb-c.h"

#define LIA_PURPOSE(name) CRM__PURPOSE__PURPOSE_##name

/* How far ahead of the node's clock a customer may have said something. */
#define LIA_CONSENT_AHEAD_MS LIA_DAY_MS

extern const lia_refusal_text LIA_CONSENT_HAS_NO_PURPOSE[1]; /* permissions are specific */
extern const lia_refusal_text LIA_CONSENT_HAS_NO_BASIS[1];
extern const lia_refusal_text LIA_CONSENT_HAS_NO_SOURCE[1];
extern const lia_refusal_text LIA_CONSENT_IS_AHEAD[1];
extern const lia_refusal_text LIA_CONSENT_ENDS_EARLY[1];
extern const lia_refusal_text LIA_CONSENT_IS_OVERTAKEN[1]; /* the customer objected later */
extern const lia_refusal_text LIA_CONSENT_IS_OBJECTED[1]; /* another record's objection covers it */
extern const lia_refusal_text LIA_CONSENT_IS_ABSENT[1];   /* nothing to withdraw or to lift */

/* A use of data: PURPOSE_ANY and CHANNEL_UNKNOWN mean any. */
typedef struct lia_use {
    Crm__Purpose purpose;
    Crm__Channel channel;
} lia_use;

/* The record's id, the same on every node. */
lia_id lia_consent_id(lia_id customer, lia_use use);

static inline lia_use lia_consent_use(const Crm__Consent *consent)
{
    return (lia_use){consent->purpose, consent->channel};
}

/* Whether what was said about `said` holds for `use` as well. */
bool lia_use_covers(lia_use said, lia_use use);

/* ---- changing a record ------------------------------------------------------------------------
 * `statement` is borrowed and completed (form, time); its id, which must be new, its source and
 * department are the caller's. `room` takes objections: one more than the record has. Refusals
 * stand in the order above; a refused record is as it was. */

lia_refusal lia_consent_permit(Crm__Consent *consent, Crm__ConsentStatement *statement,
                               lia_time now);
/* A repeated objection replaces those of its form that are there: the log has them. */
lia_refusal lia_consent_object(Crm__Consent *consent, Crm__ConsentStatement *statement,
                               lia_time now, Crm__ConsentStatement **room);
lia_refusal lia_consent_withdraw(Crm__Consent *consent, Crm__ConsentStatement *statement,
                                 lia_time now, Crm__ConsentStatement **room);
/* The customer takes an objection back, which permits nothing. */
lia_refusal lia_consent_lift(Crm__Consent *consent, Crm__ConsentStatement *statement, lia_time now);

/* ---- asking ---------------------------------------------------------------------------------- */

/* A record as it was found; of a customer of several records, `customer` says whose it is. */
typedef struct lia_consent_entry {
    lia_id id, customer;
    const Crm__Consent *consent;
} lia_consent_entry;

typedef enum lia_consent_ground {
    LIA_CONSENT_NEEDED,     /* nobody has permitted it */
    LIA_CONSENT_NOT_NEEDED, /* service, and nobody has objected */
    LIA_CONSENT_PERMITTED,
    LIA_CONSENT_EXPIRED,
    LIA_CONSENT_WITHDRAWN,
    LIA_CONSENT_OBJECTED
} lia_consent_ground;

/* "objected": for programs. */
const char *lia_consent_ground_name(lia_consent_ground ground);

typedef struct lia_consent_answer {
    bool allowed;
    lia_consent_ground ground;
    const lia_consent_entry *entry;         /* what it rests on; NULL: on nothing that was said */
    const Crm__ConsentStatement *statement; /* of the entry */
} lia_consent_answer;

/* Whether the entries, which may be of several records that are one customer, permit the use at
 * `now`. An objection comes before a withdrawal, that before a permission; of several the latest
 * statement is named. */
lia_consent_answer lia_consent_decide(const lia_consent_entry *entries, size_t count, lia_use use,
                                      lia_time now);

/* Whether they object to any use at all. */
bool lia_consent_forbids_all(const lia_consent_entry *entries, size_t count);

#define LIA_CONSENT_REASON_SIZE 240
/* The answer in a sentence for people: "objected to marketing on any channel on 2026-03-01
 * (recorded by service)". Without the source, which may be personal. */
void lia_consent_reason(const lia_consent_answer *answer, char text[LIA_CONSENT_REASON_SIZE]);

#endif
