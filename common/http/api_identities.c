/* SPDX-License-Identifier: Apache-2.0 */
/* GET /session/identities           who I am at providers; ?user= another, for administrators
 * DELETE /session/identities/{id}   unlinks: that provider's word counts no more for this account
 */
#include "common/access/directory.h"
#include "common/access/local.h"
#include "common/http/api_oidc.h"
#include "common/node/index_walk.h"

#define IDENTITIES_MAX 100 /* of one user, that are listed */

static bool is_administrator(const lia_call *call)
{
    return lia_principal_rights(call->who)->administrator;
}

static void put_identity(lia_buf *out, lia_id id, const Access__Identity *identity)
{
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, id);
    lia_buf_text(out, ",\"issuer\":");
    lia_json_put_text(out, lia_span_text(identity->issuer ? identity->issuer : ""));
    lia_buf_text(out, ",\"subject\":");
    lia_json_put_text(out, lia_span_text(identity->subject ? identity->subject : ""));
    lia_buf_text(out, ",\"linked_at\":");
    lia_json_put_time(out, (lia_time){identity->linked_at});
    lia_buf_byte(out, '}');
}

static lia_err put_identities(lia_buf *out, const lia_rows *rows, lia_id user, lia_arena *arena)
{
    lia_index_walk walk;
    lia_id id;
    size_t count = 0;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_IDENTITY, "user", lia_id_span(&user));
    if (err) return err;
    while (!err && count < IDENTITIES_MAX && lia_index_walk_next(&walk, &id)) {
        ProtobufCMessage *message;
        err = lia_record_read(rows, LIA_IDENTITY, id, arena, &message);
        if (err || !message) continue;
        if (count++) lia_buf_byte(out, ',');
        put_identity(out, id, (const Access__Identity *)message);
    }
    return lia_index_walk_close(&walk, err);
}

void lia_api_identities(lia_call *call)
{
    lia_rows rows;
    lia_id user;
    if (!lia_call_passes_of(call, &user)) return;
    lia_buf out = lia_buf_make(call->arena);
    lia_err err = lia_node_read(call->api->node, &rows);
    if (!err) {
        lia_buf_text(&out, "{\"identities\":[");
        err = put_identities(&out, &rows, user, call->arena);
        lia_buf_text(&out, "]}");
        lia_node_read_end(call->api->node, &rows);
    }
    if (err)
        lia_call_fail(call, err, NULL);
    else
        lia_call_json(call, &out);
}

/* ---- unlinking ------------------------------------------------------------------------------- */

/* Whoever got rid of what vouches for them could choose a password here and stay when they are sent
 * away there: so it takes a password that they may have all the same (local.h). */
static lia_err is_own_to_unlink(const lia_call *call, lia_id user, bool *out)
{
    lia_rows rows;
    lia_local local = {0};
    const Access__Credential *credential = NULL;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_local_read(&rows, user, call->arena, &local);
    if (!err) err = lia_credential_read(&rows, user, call->arena, &credential);
    lia_node_read_end(call->api->node, &rows);
    *out = !err && lia_local_may_choose(&local, lia_local_said_ms(credential));
    return err;
}

/* Whether it is the asker's, or anybody's for administrators; a directory's only for them. */
static lia_err may_unlink(const lia_call *call, lia_id id)
{
    ProtobufCMessage *message = NULL;
    lia_err err = lia_call_record(call, LIA_IDENTITY, id, &message);
    const Access__Identity *identity = (const Access__Identity *)message;
    if (err || !identity || !identity->has_user) return err ? err : LIA_EABSENT;
    lia_id user = lia_id_in(identity->user);
    bool own = call->login && lia_id_equal(user, call->login->user) &&
               !lia_issuer_is_directory(identity->issuer);
    if (own) err = is_own_to_unlink(call, user, &own);
    if (err) return err;
    return own || is_administrator(call) ? LIA_OK : LIA_EABSENT;
}

void lia_api_forget_identity(lia_call *call)
{
    lia_id id;
    if (call->login && !lia_call_session(call)) return;
    lia_err err = lia_id_parse(call->rest, &id) ? LIA_EABSENT : may_unlink(call, id);
    Access__Unlink ask = ACCESS__UNLINK__INIT;
    ask.has_identity = true;
    ask.identity = (ProtobufCBinaryData){sizeof id, id.bytes};
    lia_errand_take_away(call, err, "no such identity is yours", lia_unlink, &ask.base);
}
