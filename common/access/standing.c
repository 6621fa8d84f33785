/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/standing.h"

#include "common/access/principal.h"
#include "common/access/secrets.h"
#include "common/node/rows.h"
#include "common/node/turn.h"
#include "proto/crm.pb-c.h"

/* ---- what rights are made of ----------------------------------------------------------------- */

/* The rows of a record that say its state; nothing when there is none. */
static lia_err add_state(lia_buf *out, const lia_rows *rows, uint32_t kind, lia_id id)
{
    lia_span row;
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    lia_buf_add(out, id.bytes, LIA_ID_SIZE);
    if (!err) lia_buf_add(out, row.data, row.size);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* Which teams they reach, and their roles as they stand. */
static lia_err add_reach(lia_buf *out, const lia_rows *rows, lia_id user, lia_arena *arena)
{
    ProtobufCMessage *message;
    lia_principal *who;
    size_t teams;
    lia_err err = lia_principal_load(&who, rows, user, arena);
    if (!err) err = lia_record_read(rows, LIA_USER, user, arena, &message);
    if (err) return err;
    const lia_id *below = lia_principal_teams(who, &teams);
    const Crm__User *record = (const Crm__User *)message;
    lia_buf_add(out, below, teams * sizeof *below);
    for (size_t i = 0; i < record->n_roles && !err; i++)
        err = add_state(out, rows, LIA_ROLE, lia_id_in(record->roles[i]));
    return err;
}

static lia_err make_print(lia_hash *out, const lia_rows *rows, lia_id user, lia_arena *arena)
{
    lia_buf text = lia_buf_make(arena);
    lia_err err = add_reach(&text, rows, user, arena);
    lia_buf_byte(&text, err == LIA_EDENIED); /* nobody, or archived */
    if (err == LIA_EDENIED) err = LIA_OK;
    if (!err && text.failed) err = LIA_EFULL;
    lia_span all = lia_buf_get(&text);
    if (!err) *out = lia_hash_of("access.standing", &all, 1);
    return err;
}

/* ---- then and now ---------------------------------------------------------------------------- */

lia_err lia_standing_take(lia_standing *out, const lia_rows *rows, lia_id user, lia_id pass,
                          lia_time expires, lia_arena *arena)
{
    *out = (lia_standing){.user = user, .pass = pass, .expires = expires};
    size_t mark = lia_arena_mark(arena);
    lia_err err = lia_access_changed(rows, &out->changed);
    if (!err) err = lia_access_version_of(rows, user, &out->version);
    if (!err) err = make_print(&out->made_of, rows, user, arena);
    lia_arena_back(arena, mark);
    return err;
}

static bool is_in_force(const lia_standing *standing, const lia_rows *rows, lia_time now,
                        lia_arena *arena)
{
    const Access__Pass *pass;
    const Access__Credential *credential;
    return lia_pass_read(rows, standing->pass, now, arena, &pass) == LIA_OK &&
           lia_credential_read(rows, standing->user, arena, &credential) == LIA_OK &&
           !lia_pass_is_void(pass, credential);
}

static bool has_same_rights(const lia_standing *standing, const lia_rows *rows, lia_arena *arena)
{
    lia_hash now;
    return make_print(&now, rows, standing->user, arena) == LIA_OK &&
           memcmp(&now, &standing->made_of, sizeof now) == 0;
}

bool lia_standing_holds(const lia_standing *standing, const lia_rows *rows, lia_time now,
                        lia_arena *arena)
{
    uint64_t changed;
    lia_access_version version;
    if (now.ms >= standing->expires.ms || lia_access_changed(rows, &changed)) return false;
    if (changed == standing->changed) return true;
    if (lia_access_version_of(rows, standing->user, &version)) return false;
    size_t mark = lia_arena_mark(arena);
    bool holds =
        (version.secrets == standing->version.secrets || is_in_force(standing, rows, now, arena)) &&
        (version.rights == standing->version.rights || has_same_rights(standing, rows, arena));
    lia_arena_back(arena, mark);
    return holds;
}
