/* SPDX-License-Identifier: Apache-2.0 */
/* access_rig - what tests do with people at the nodes of a rig: verbs of kinds that no route takes,
 * and passes. */
#ifndef LIA_ACCESS_ACCESS_RIG_H
#define LIA_ACCESS_ACCESS_RIG_H

#include "common/access/access.h"
#include "common/access/secrets.h"
#include "common/node/fields.h"
#include "common/node/node_rig.h"

/* Sends the verb of a row; what became of it stands in *command. */
static inline lia_err access_try(rig *r, size_t number, const lia_command_row *row,
                                 const void *request, lia_command *command)
{
    static uint8_t bytes[4096];
    *command = (lia_command){.type = LIA_COMMAND_VERB,
                             .kind = lia_kind_find(row->kind),
                             .row = row,
                             .request = rig_pack(request, bytes, sizeof bytes)};
    return rig_do(r, number, command);
}

static inline lia_err access_do(rig *r, size_t number, const lia_command_row *row,
                                const void *request)
{
    lia_command command;
    return access_try(r, number, row, request, &command);
}

/* A session of the user's that ends so many milliseconds from now. */
static inline lia_id access_give(rig *r, size_t number, lia_id user, int64_t expires_ms)
{
    char secret[LIA_PASS_TEXT_SIZE];
    lia_pass_make(secret);
    lia_id id = lia_pass_id(lia_span_text(secret));
    Access__GivePass ask = ACCESS__GIVE_PASS__INIT;
    LIA_SET_ID(&ask, pass, &id);
    LIA_SET_ID(&ask, user, &user);
    LIA_SET(&ask, type, ACCESS__PASS_TYPE__PASS_TYPE_SESSION);
    LIA_SET(&ask, expires_at, lia_time_now().ms + expires_ms);
    CHECK_OK(access_do(r, number, lia_give_pass, &ask));
    return id;
}

#endif
