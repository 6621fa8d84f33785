/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/local.h"

#include "common/access/access.h"
#include "common/access/secrets.h"
#include "common/node/fields.h"
#include "common/node/index_walk.h"
#include "proto/crm.pb-c.h"

static lia_err read_linked(const lia_rows *rows, lia_id user, lia_arena *arena, int64_t *out)
{
    lia_index_walk walk;
    lia_id id;
    *out = 0;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_IDENTITY, "user", lia_id_span(&user));
    if (err) return err;
    while (!err && lia_index_walk_next(&walk, &id)) {
        ProtobufCMessage *message;
        err = lia_record_read(rows, LIA_IDENTITY, id, arena, &message);
        const Access__Identity *identity = (const Access__Identity *)message;
        if (err || !identity || !identity->has_user) continue;
        int64_t linked_ms = identity->linked_at > 0 ? identity->linked_at : 1;
        if (linked_ms > *out) *out = linked_ms;
    }
    return lia_index_walk_close(&walk, err);
}

lia_err lia_local_read(const lia_rows *rows, lia_id user, lia_arena *arena, lia_local *out)
{
    *out = (lia_local){0};
    lia_err err = read_linked(rows, user, arena, &out->linked_ms);
    return err ? err : lia_user_is_administrator(rows, user, arena, &out->administrator);
}

bool lia_local_may_choose(const lia_local *local, int64_t said_ms)
{
    return !local->linked_ms || local->administrator || said_ms >= local->linked_ms;
}

int64_t lia_local_said_ms(const Access__Credential *credential)
{
    return credential && !lia_text_is_empty(credential->password) ? credential->password_at : 0;
}

lia_err lia_local_end_password(lia_turn *turn, lia_id user)
{
    bool administrator;
    Access__Credential *credential;
    lia_id id = lia_credential_id(user);
    lia_err err = lia_user_is_administrator(lia_turn_rows(turn), user, turn->arena, &administrator);
    if (err || administrator) return err;
    err = lia_load(turn, LIA_CREDENTIAL, id, &credential);
    if (err == LIA_EABSENT || (!err && lia_text_is_empty(credential->password))) return LIA_OK;
    if (err) return err;
    credential->password = NULL;
    LIA_SET(credential, password_at, turn->now.ms);
    err = lia_record(turn, LIA_CREDENTIAL, id, credential);
    return err ? err : lia_secrets_tell(turn, user);
}
