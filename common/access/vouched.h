/* SPDX-License-Identifier: Apache-2.0 */
/* vouched - whose account it is that somebody else vouches for, a provider or a directory. In this
 * order: the user whom this subject was linked with; the one who has the e-mail that is vouched
 * for, linked with it from then on; a new one. What an account is called here changes nothing:
 * e-mails are given to others, subjects are not.
 *
 * For handlers of commands: decided in the writer, where two who come at the same moment are one
 * after the other. */
#ifndef LIA_ACCESS_VOUCHED_H
#define LIA_ACCESS_VOUCHED_H

#include "common/node/turn.h"
#include "proto/access.pb-c.h"
#include "proto/crm.pb-c.h"

typedef struct lia_vouched {
    lia_turn *turn;
    const char *issuer, *subject;
    const char *email, *name; /* NULL: nobody says */
    lia_id identity, user;    /* user: none as long as nobody was found */
    bool linked;              /* the subject is the user's already */
} lia_vouched;

extern const lia_refusal_text lia_no_account[1], lia_account_is_closed[1];

/* The id of what links a subject with a user. */
lia_id lia_identity_id(lia_span issuer, lia_span subject);

/* With the texts of a request, which are borrowed. */
lia_vouched lia_vouched_of(lia_turn *turn, const char *issuer, const char *subject,
                           const char *email, const char *name);

/* Whom the subject was linked with; LIA_OK, too, when it is nobody. */
LIA_MUST_USE lia_err lia_vouched_find_linked(lia_vouched *v);
/* Who has the e-mail; LIA_OK, too, when it is nobody. Refuses what is more than one's, and that of
 * a closed account: whoever was sent away does not come back as somebody new. */
LIA_MUST_USE lia_err lia_vouched_find_by_email(lia_vouched *v);
/* Refuses a user whose account is closed; loads the others. */
LIA_MUST_USE lia_err lia_vouched_must_be_open(lia_vouched *v, Crm__User **out);

/* Records a new user, and tells. Their id is made of issuer and subject, so that two nodes which
 * are cut off make one. Refuses roles of administrators. `team` may be empty. */
LIA_MUST_USE lia_err lia_vouched_make(lia_vouched *v, ProtobufCBinaryData *roles, size_t count,
                                      ProtobufCBinaryData team);
/* Links the subject with the user, and tells. */
LIA_MUST_USE lia_err lia_vouched_link(lia_vouched *v);

#endif
