/* SPDX-License-Identifier: Apache-2.0 */
/* secrets - what people and programs sign in with, as records that no API shows: credentials
 * (password, second factor) and passes (sessions, tokens, one-time links). They are replicated, so
 * everybody can sign in at every node, and a sign-out holds at all of them. */
#ifndef LIA_ACCESS_SECRETS_H
#define LIA_ACCESS_SECRETS_H

#include "common/base/crypto.h"
#include "common/node/rows.h"
#include "proto/access.pb-c.h"

/* ---- passes ---------------------------------------------------------------------------------- */

/* Secret of a pass as text: "lia_" and 43 characters of base64url. */
#define LIA_PASS_TEXT_SIZE 48
void lia_pass_make(char text[LIA_PASS_TEXT_SIZE]);
/* The id of the record that belongs to it; none when the text is no such secret. */
lia_id lia_pass_id(lia_span text);

/* Reads the pass and says whether it is in force at `now`: there, not revoked, not expired. The
 * struct lives in the arena.
 *   LIA_EDENIED  it is not      LIA_EFULL  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_pass_read(const lia_rows *rows, lia_id id, lia_time now, lia_arena *arena,
                                   const Access__Pass **out);

/* Whether the user's sign-in was renewed after the pass was made: then sessions and links are void.
 * `credential` may be NULL. */
bool lia_pass_is_void(const Access__Pass *pass, const Access__Credential *credential);

/* ---- credentials ----------------------------------------------------------------------------- */

lia_id lia_credential_id(lia_id user);
/* NULL with LIA_OK when the user has none. */
LIA_MUST_USE lia_err lia_credential_read(const lia_rows *rows, lia_id user, lia_arena *arena,
                                         const Access__Credential **out);
/* The user with this e-mail (without regard to case), none when there is no or more than one. */
LIA_MUST_USE lia_err lia_user_by_email(const lia_rows *rows, lia_span email, lia_arena *arena,
                                       lia_id *out);
/* How many have it, archived ones apart. */
typedef struct lia_email_holders {
    size_t open, closed;
    lia_id first_open;
} lia_email_holders;
LIA_MUST_USE lia_err lia_users_by_email(const lia_rows *rows, lia_span email, lia_arena *arena,
                                        lia_email_holders *out);
/* The user whom an event's actor number stands for, none when there is none. */
LIA_MUST_USE lia_err lia_user_by_number(const lia_rows *rows, uint32_t number, lia_id *out);
/* Whether the user is an administrator; false, too, when there is no such user. */
LIA_MUST_USE lia_err lia_user_is_administrator(const lia_rows *rows, lia_id user, lia_arena *arena,
                                               bool *out);
/* Whether somebody is administrator, so that a cluster is nobody's only once. */
LIA_MUST_USE lia_err lia_has_administrator(const lia_rows *rows, lia_arena *arena, bool *out);

#endif
