/* SPDX-License-Identifier: Apache-2.0 */
/* POST /session:setPassword          {"old_password" or "secret", "password"}
 *
 * A new password ends all sessions and links that were made before it: they are older than the
 * credential (lia_pass_is_void). */
#include "common/access/local.h"
#include "common/http/api_prove.h"

/* A new session instead of the one that has just ended; a link signs nobody in, as a second factor
 * may be wanted. */
static void password_set(lia_errand *errand)
{
    lia_proving *p = errand->context;
    p->entrance = (lia_entrance){.user = p->user, .way = "new password"};
    if (p->call->login)
        lia_session_begin(p->call, &p->entrance);
    else
        lia_errand_answer_empty(errand);
}

static void password_hashed(lia_hashing *hashing)
{
    lia_proving *p = hashing->context;
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    ask.password = hashing->text;
    ask.has_said_at = true;
    ask.said_at = p->said_ms;
    lia_proving_change(p, &ask, password_set);
}

static void hash_password(lia_proving *p)
{
    p->hashing = (lia_hashing){
        .call = p->call, .password = p->fresh->password, .done = password_hashed, .context = p};
    (void)lia_hashing_go(&p->hashing);
}

static void old_password_checked(lia_hashing *hashing)
{
    lia_proving *p = hashing->context;
    if (hashing->good)
        hash_password(p);
    else
        lia_proving_refuse(p, "old_password: this is not the password");
}

static lia_err check_password(const lia_proving *p, lia_why *why)
{
    lia_rows rows;
    ProtobufCMessage *message = NULL;
    lia_err err = lia_node_read(p->call->api->node, &rows);
    if (err) return err;
    err = lia_record_read(&rows, LIA_USER, p->user, p->call->arena, &message);
    lia_node_read_end(p->call->api->node, &rows);
    const Crm__User *user = (const Crm__User *)message;
    if (err || !user) return err ? err : LIA_EDENIED;
    const lia_span mine[] = {lia_span_text(user->name), lia_span_text(user->email)};
    return lia_password_check(lia_span_text(p->fresh->password), mine, LIA_COUNT(mine), why);
}

/* Whose link it is. */
static lia_err read_link(lia_proving *p, lia_why *why)
{
    lia_rows rows;
    const Access__Pass *pass;
    lia_arena *arena = p->call->arena;
    lia_id id = lia_pass_id(lia_span_text(p->fresh->secret));
    lia_err err = lia_node_read(p->call->api->node, &rows);
    if (err) return err;
    err = lia_pass_read(&rows, id, lia_time_now(), arena, &pass);
    if (!err && pass->type != ACCESS__PASS_TYPE__PASS_TYPE_LINK) err = LIA_EDENIED;
    if (!err) {
        p->user = lia_id_from(lia_span_make(pass->user.data, pass->user.len));
        err = lia_credential_read(&rows, p->user, arena, &p->credential);
        p->said_ms = lia_local_said_ms(p->credential);
        if (!err && p->said_ms < pass->made_at) p->said_ms = pass->made_at;
    }
    if (!err && lia_pass_is_void(pass, p->credential)) err = LIA_EDENIED;
    lia_node_read_end(p->call->api->node, &rows);
    if (err == LIA_EDENIED)
        lia_why_set(why, err, "secret: this link was used, has expired, or never was");
    return err;
}

void lia_api_set_password(lia_call *call)
{
    lia_why why = {{0}};
    lia_err err;
    lia_proving *p = lia_proving_begin(call);
    if (!p) return;
    p->fresh = lia_call_read(call, &access__new_password__descriptor);
    if (!p->fresh) return;
    bool by_link = !lia_text_is_empty(p->fresh->secret);
    if (by_link) {
        call->login = NULL; /* who else is signed in does not matter */
        err = read_link(p, &why);
    } else if (lia_call_session(call)) {
        err = lia_proving_read(p, call->login->user);
    } else {
        return;
    }
    if (!err) err = check_password(p, &why);
    if (err)
        lia_call_fail(call, err, &why);
    else if (by_link)
        hash_password(p);
    else
        lia_prove_here(p, p->fresh->old_password, old_password_checked);
}
