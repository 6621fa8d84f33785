/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_prove.h"

#include "common/access/directory.h"
#include "common/access/local.h"

lia_err lia_proving_read(lia_proving *p, lia_id user)
{
    static const Access__Credential none = ACCESS__CREDENTIAL__INIT;
    lia_rows rows;
    p->user = user;
    lia_err err = lia_node_read(p->call->api->node, &rows);
    if (err) return err;
    const char *issuer = p->call->api->directory ? lia_directory_issuer(p->call->api) : NULL;
    err = lia_credential_read(&rows, user, p->call->arena, &p->credential);
    if (!err) err = lia_directory_subject(&rows, user, issuer, p->call->arena, &p->subject);
    lia_node_read_end(p->call->api->node, &rows);
    if (!p->credential) p->credential = &none;
    p->said_ms = lia_local_said_ms(p->credential);
    return err;
}

lia_proving *lia_proving_begin(lia_call *call)
{
    lia_proving *p = lia_arena_zero(call->arena, sizeof *p);
    if (p)
        p->call = call;
    else
        lia_call_fail(call, LIA_EFULL, NULL);
    return p;
}

lia_proving *lia_proving_begin_own(lia_call *call)
{
    const lia_login *login = lia_call_session(call);
    lia_proving *p = login ? lia_proving_begin(call) : NULL;
    if (!p) return NULL;
    p->proof = lia_call_read(call, &access__proof__descriptor);
    if (!p->proof) return NULL;
    lia_err err = lia_proving_read(p, login->user);
    if (err) lia_call_fail(call, err, NULL);
    return err ? NULL : p;
}

void lia_proving_refuse(lia_proving *p, const char *detail)
{
    lia_throttle_failed(&p->call->api->throttle, lia_id_span(&p->user), lia_time_ticks_ms());
    const lia_problem problem = {.status = 403,
                                 .type = "not-proven",
                                 .title = "this does not prove who you are",
                                 .detail = detail};
    lia_call_problem(p->call, &problem);
}

bool lia_proving_may_try(lia_proving *p)
{
    int64_t wait =
        lia_throttle_wait(&p->call->api->throttle, lia_id_span(&p->user), lia_time_ticks_ms());
    return lia_call_waited(p->call, wait, "too many attempts failed");
}

/* Compares the password that is given with the one that is kept. */
static void compare(lia_proving *p, const char *password, void (*then)(lia_hashing *hashing))
{
    p->hashing = (lia_hashing){.call = p->call,
                               .password = password ? password : "",
                               .kept = p->credential->password,
                               .keep = !password,
                               .done = then,
                               .context = p};
    (void)lia_hashing_go(&p->hashing);
}

static void directory_answered(lia_directory_job *job)
{
    lia_proving *p = job->context;
    p->hashing.good = !job->err;
    if (!job->err || job->err == LIA_EDENIED)
        p->hashing.done(&p->hashing);
    else
        lia_directory_fails(p->call);
}

void lia_prove(lia_proving *p, const char *password, void (*then)(lia_hashing *hashing))
{
    if (!lia_proving_may_try(p)) return;
    if (!lia_text_is_empty(p->credential->password)) {
        compare(p, password, then);
    } else if (p->subject && p->call->api->directory) {
        p->hashing = (lia_hashing){.call = p->call, .done = then, .context = p};
        p->directory = (lia_directory_job){.call = p->call,
                                           .subject = p->subject,
                                           .password = password ? password : "",
                                           .done = directory_answered,
                                           .context = p};
        (void)lia_directory_go(&p->directory);
    } else {
        lia_proving_refuse(
            p, "this account has no password here: an administrator sends a link that sets one");
    }
}

void lia_prove_here(lia_proving *p, const char *password, void (*then)(lia_hashing *hashing))
{
    if (!lia_proving_may_try(p)) return;
    if (!lia_text_is_empty(p->credential->password))
        compare(p, password, then);
    else if (p->subject)
        lia_proving_refuse(p, "this account's password is the directory's: it is changed there");
    else
        lia_proving_refuse(
            p, "this account has no password here: an administrator sends a link that sets one");
}

void lia_proving_change(lia_proving *p, Access__ChangeCredential *ask,
                        void (*then)(lia_errand *errand))
{
    ask->has_user = true;
    ask->user = (ProtobufCBinaryData){sizeof p->user, p->user.bytes};
    p->errand = (lia_errand){.call = p->call, .then = then, .context = p};
    lia_errand_go(&p->errand, lia_change_credential, &ask->base);
}
