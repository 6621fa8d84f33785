/* SPDX-License-Identifier: Apache-2.0 */
/* notice - telling one person something: in the notice centre, by mail, or not at all, as they set
 * it. Internal to common/collab. */
#ifndef LIA_COLLAB_NOTICE_H
#define LIA_COLLAB_NOTICE_H

#include "common/node/turn.h"
#include "proto/collab.pb-c.h"

typedef struct lia_news {
    lia_id key; /* what is told: a person is told it once */
    Collab__NoticeReason reason;
    const lia_kind *kind;        /* of the record that it is about; NULL: of none */
    lia_id record, customer, by; /* or none */
    const char *text;
} lia_news;

/* Tells them, if they may read the record. Nothing may be staged. */
LIA_MUST_USE lia_err lia_notice_give(lia_turn *turn, lia_id user, const lia_news *news);

/* "mention" ...; NULL when there is no such reason. */
const char *lia_notice_reason_name(Collab__NoticeReason reason);

/* The user whose actor number the turn has, or none. */
LIA_MUST_USE lia_err lia_collab_actor(lia_turn *turn, uint32_t actor, lia_id *user);
/* Whoever says the command; a refusal when that is nobody. */
LIA_MUST_USE lia_err lia_collab_person(lia_turn *turn, lia_id *user);
/* Tells that a record of ours was changed: nothing more is to be said of it. */
LIA_MUST_USE lia_err lia_collab_changed(lia_turn *turn, uint16_t kind, lia_id id);

lia_err lia_notice_read(lia_turn *turn, const void *request);
lia_err lia_notice_read_all(lia_turn *turn, const void *request);
lia_err lia_notice_snooze(lia_turn *turn, const void *request);
lia_err lia_notice_set_way(lia_turn *turn, const void *request);
/* The channel of rules (common/node/service.h): `to` is a user's id or e-mail. */
lia_err lia_notice_take(lia_turn *turn, const lia_parcel *parcel);

#endif
