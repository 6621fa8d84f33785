/* SPDX-License-Identifier: Apache-2.0 */
/* Looking as somebody else does: an administrator says `Liaison-View-As: <id of a user or a role>`
 * with a read and gets what that user, or somebody with that role alone, would get. It is a login
 * of its own, kept like all others, with the rights of the one and the name of the other: so
 * everything that asks call->who answers right without knowing of it, and the trail says who
 * looked. Nothing can be written that way. */
#include "common/http/api_audit.h"
#include "common/http/api_gate.h"

#define HEADER "liaison-view-as"

lia_err lia_view_read(lia_login *login, const lia_view_ask *ask, const lia_rows *rows)
{
    lia_principal *who;
    lia_login *viewer = ask->viewer;
    lia_err err = lia_principal_load(&who, rows, ask->target, &login->arena);
    if (err == LIA_EDENIED) err = lia_principal_load_role(&who, rows, ask->target, &login->arena);
    if (!err) err = lia_access_version_of(rows, ask->target, &login->version);
    if (err) return err;
    login->user = ask->target;
    login->who = who;
    login->type = viewer->type;
    login->expires = viewer->expires;
    login->seal = viewer->seal;
    memcpy(login->name, viewer->name, sizeof login->name);
    login->viewer = lia_login_hold(viewer);
    return LIA_OK;
}

/* One login for each pair of a pass and whom it looks as. */
static lia_id key_of(const lia_view_ask *ask)
{
    uint8_t seed[2 * LIA_ID_SIZE];
    memcpy(seed, ask->viewer->pass.bytes, LIA_ID_SIZE);
    memcpy(seed + LIA_ID_SIZE, ask->target.bytes, LIA_ID_SIZE);
    return lia_id_derive("http.view", LIA_SPAN_OF(seed));
}

const char *lia_call_view(lia_gate *gate, lia_call *call)
{
    lia_span text;
    lia_login *login = NULL;
    if (!call->who || !lia_http_get_header(call->request, HEADER, &text)) return NULL;
    if (!call->login || !lia_principal_rights(call->who)->administrator)
        return "Liaison-View-As: this is for administrators";
    if (call->method != LIA_HTTP_GET && call->method != LIA_HTTP_HEAD)
        return "nothing can be changed while you look with the rights of somebody else "
               "(Liaison-View-As)";
    lia_view_ask ask = {.viewer = call->login};
    if (lia_id_parse(text, &ask.target))
        return "Liaison-View-As: the id of a user or of a role is wanted";
    if (lia_gate_find(gate, key_of(&ask), &ask, &login))
        return "Liaison-View-As: their rights cannot be read now";
    if (!login) return "Liaison-View-As: there is no such user or role";
    if (login->begins)
        lia_call_note(call, (lia_audit_entry){.action = LIA_AUDIT_VIEWED_AS, .record = ask.target});
    login->begins = false;
    lia_login_release(call->login);
    call->login = lia_login_hold(login);
    call->who = login->who;
    return NULL;
}
