/* SPDX-License-Identifier: Apache-2.0 */
/* POST /setup {"secret", "name", "email", "password"}: the first administrator, by the link that
 * the node printed. Answers with their session. */
#include "common/http/api_signin.h"

typedef struct founding {
    lia_call *call;
    Access__FirstAdministrator *ask;
    lia_id user;
    lia_hashing hashing;
    lia_errand errand;
    lia_entrance entrance;
} founding;

static void founded(lia_errand *errand)
{
    founding *found = errand->context;
    found->entrance = (lia_entrance){.user = found->user, .way = "setup"};
    lia_session_begin(found->call, &found->entrance);
}

static void hashed(lia_hashing *hashing)
{
    founding *found = hashing->context;
    Access__SetUp set_up = ACCESS__SET_UP__INIT;
    set_up.has_user = true;
    set_up.user = (ProtobufCBinaryData){sizeof found->user, found->user.bytes};
    set_up.name = found->ask->name;
    set_up.email = found->ask->email;
    set_up.password = hashing->text;
    found->errand = (lia_errand){.call = found->call, .then = founded, .context = found};
    lia_errand_go(&found->errand, lia_set_up, &set_up.base);
}

static bool may_found(lia_call *call, const Access__FirstAdministrator *ask)
{
    lia_why why = {{0}};
    const lia_span mine[] = {lia_span_text(ask->name), lia_span_text(ask->email)};
    lia_err err = LIA_OK;
    if (!lia_gate_is_setup_secret(call->api->gate, lia_span_text(ask->secret)))
        err = lia_why_set(&why, LIA_EDENIED,
                          "secret: this is not that of the link which this node printed when it "
                          "last started without an administrator");
    if (!err) err = lia_password_check(lia_span_text(ask->password), mine, LIA_COUNT(mine), &why);
    if (err) lia_call_fail(call, err, &why);
    return !err;
}

void lia_api_setup(lia_call *call)
{
    founding *found = lia_arena_zero(call->arena, sizeof *found);
    if (!found) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    found->call = call;
    found->ask = lia_call_read(call, &access__first_administrator__descriptor);
    if (!found->ask || !may_found(call, found->ask)) return;
    found->user = lia_id_make(lia_time_now().ms);
    found->hashing = (lia_hashing){
        .call = call, .password = found->ask->password, .done = hashed, .context = found};
    (void)lia_hashing_go(&found->hashing);
}
