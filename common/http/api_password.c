/* SPDX-License-Identifier: Apache-2.0 */
/* POST /session:setPassword          {"old_password" or "secret", "password"}
 * POST /session:beginSecondFactor    {"password"}: a key for an authenticator program
 * POST /session:confirmSecondFactor  {"code"}: from now on it is asked for; recovery codes
 * POST /session:removeSecondFactor   {"password", "code"}
 *
 * A new password ends all sessions and links that were made before it: they are older than the
 * credential (lia_pass_is_void). */
#include <stdio.h>

#include "common/access/directory.h"
#include "common/access/local.h"
#include "common/access/totp.h"
#include "common/http/api_directory.h"

enum { RECOVERY_CODES = 10, RECOVERY_SIZE = 10 };

typedef struct proving {
    lia_call *call;
    lia_id user;
    const Access__Credential *credential;
    const char *subject; /* in the directory; NULL: not there */
    int64_t said_ms;     /* when an administrator let them choose a password here (local.h) */
    Access__Proof *proof;
    Access__NewPassword *fresh;
    lia_hashing hashing;
    lia_directory_job directory;
    lia_errand errand;
    lia_entrance entrance;
    uint8_t key[LIA_TOTP_KEY_SIZE];
    char codes[RECOVERY_CODES][RECOVERY_SIZE + 1];
} proving;

/* ---- codes ----------------------------------------------------------------------------------- */

/* Case does not matter, nor do dashes and blanks. */
static bool hash_recovery(lia_id user, const char *code, uint8_t hash[LIA_DIGEST_SIZE])
{
    uint8_t text[RECOVERY_SIZE];
    size_t size = 0;
    for (; *code; code++) {
        if (*code == '-' || *code == ' ') continue;
        if (size == sizeof text) return false;
        text[size++] = (uint8_t)(*code >= 'a' && *code <= 'z' ? *code - 32 : *code);
    }
    const lia_span parts[] = {lia_id_span(&user), lia_span_make(text, size)};
    lia_digest_of("access.recovery", parts, LIA_COUNT(parts), hash);
    return size == sizeof text;
}

static bool has_recovery(const Access__Credential *credential, const uint8_t *hash)
{
    bool has = false;
    for (size_t i = 0; i < credential->n_recovery; i++)
        has |= credential->recovery[i].len == LIA_DIGEST_SIZE &&
               lia_secret_equal(credential->recovery[i].data, hash, LIA_DIGEST_SIZE);
    return has;
}

static bool key_of(const Access__Credential *credential, uint8_t key[LIA_TOTP_KEY_SIZE])
{
    if (!credential || credential->second_factor.len != LIA_TOTP_KEY_SIZE) return false;
    memcpy(key, credential->second_factor.data, LIA_TOTP_KEY_SIZE);
    return true;
}

bool lia_code_use(const Access__Credential *credential, lia_id user, const char *code,
                  Access__ChangeCredential *change, uint8_t hash[LIA_DIGEST_SIZE])
{
    uint64_t step;
    uint8_t key[LIA_TOTP_KEY_SIZE];
    change->has_user = true;
    change->user = credential->user;
    if (key_of(credential, key) && lia_totp_check(key, lia_span_text(code), lia_time_now(),
                                                  credential->second_factor_step, &step)) {
        change->has_second_factor_step = true;
        change->second_factor_step = step;
        return true;
    }
    if (!hash_recovery(user, code, hash) || !has_recovery(credential, hash)) return false;
    change->has_recovery_used = true;
    change->recovery_used = (ProtobufCBinaryData){LIA_DIGEST_SIZE, hash};
    return true;
}

/* Ten letters and digits that are not mistaken for one another: fifty bits. */
static void make_recovery(char code[RECOVERY_SIZE + 1])
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    uint8_t dice[RECOVERY_SIZE];
    lia_random(dice, sizeof dice);
    for (size_t i = 0; i < RECOVERY_SIZE; i++) code[i] = letters[dice[i] % 32];
    code[RECOVERY_SIZE] = 0;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static lia_err read_credential(proving *p, lia_id user)
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

static proving *begin(lia_call *call)
{
    proving *p = lia_arena_zero(call->arena, sizeof *p);
    if (p)
        p->call = call;
    else
        lia_call_fail(call, LIA_EFULL, NULL);
    return p;
}

/* For whoever has signed in. NULL when it has been answered. */
static proving *begin_own(lia_call *call)
{
    const lia_login *login = lia_call_session(call);
    proving *p = login ? begin(call) : NULL;
    if (!p) return NULL;
    p->proof = lia_call_read(call, &access__proof__descriptor);
    if (!p->proof) return NULL;
    lia_err err = read_credential(p, login->user);
    if (err) lia_call_fail(call, err, NULL);
    return err ? NULL : p;
}

static int64_t ticks_ms(void)
{
    return (int64_t)(lia_time_ticks_ns() / 1000000);
}

static void refuse(proving *p, const char *detail)
{
    lia_throttle_failed(&p->call->api->throttle, lia_id_span(&p->user), ticks_ms());
    const lia_problem problem = {.status = 403,
                                 .type = "not-proven",
                                 .title = "this does not prove who you are",
                                 .detail = detail};
    lia_call_problem(p->call, &problem);
}

/* Whoever holds a session may not guess the password with it. */
static bool may_try(proving *p)
{
    int64_t wait = lia_throttle_wait(&p->call->api->throttle, lia_id_span(&p->user), ticks_ms());
    return lia_call_waited(p->call, wait, "too many attempts failed");
}

/* Compares the password that is given with the one that is kept. */
static void prove(proving *p, const char *password, void (*then)(lia_hashing *hashing))
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
    proving *p = job->context;
    p->hashing.good = !job->err;
    if (!job->err || job->err == LIA_EDENIED)
        p->hashing.done(&p->hashing);
    else
        lia_directory_fails(p->call);
}

/* The same, or the directory is asked where the password is its own. */
static void prove_anywhere(proving *p, const char *password, void (*then)(lia_hashing *hashing))
{
    if (!may_try(p)) return;
    if (!lia_text_is_empty(p->credential->password)) {
        prove(p, password, then);
    } else if (p->subject && p->call->api->directory) {
        p->hashing = (lia_hashing){.call = p->call, .done = then, .context = p};
        p->directory = (lia_directory_job){.call = p->call,
                                           .subject = p->subject,
                                           .password = password ? password : "",
                                           .done = directory_answered,
                                           .context = p};
        (void)lia_directory_go(&p->directory);
    } else {
        refuse(p, "this account has no password here: an administrator sends a link that sets one");
    }
}

static void prove_here(proving *p, const char *password, void (*then)(lia_hashing *hashing))
{
    if (!may_try(p)) return;
    if (!lia_text_is_empty(p->credential->password))
        prove(p, password, then);
    else if (p->subject)
        refuse(p, "this account's password is the directory's: it is changed there");
    else
        refuse(p, "this account has no password here: an administrator sends a link that sets one");
}

static void change(proving *p, Access__ChangeCredential *ask, void (*then)(lia_errand *errand))
{
    ask->has_user = true;
    ask->user = (ProtobufCBinaryData){sizeof p->user, p->user.bytes};
    p->errand = (lia_errand){.call = p->call, .then = then, .context = p};
    lia_errand_go(&p->errand, lia_change_credential, &ask->base);
}

static void answer_empty(lia_errand *errand)
{
    lia_http_reply(errand->call->request, 204, NULL, NULL, 0, LIA_SPAN_NONE);
}

/* ---- passwords ------------------------------------------------------------------------------- */

/* A new session instead of the one that has just ended; a link signs nobody in, as a second factor
 * may be wanted. */
static void password_set(lia_errand *errand)
{
    proving *p = errand->context;
    p->entrance = (lia_entrance){.user = p->user, .way = "new password"};
    if (p->call->login)
        lia_session_begin(p->call, &p->entrance);
    else
        answer_empty(errand);
}

static void password_hashed(lia_hashing *hashing)
{
    proving *p = hashing->context;
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    ask.password = hashing->text;
    ask.has_said_at = true;
    ask.said_at = p->said_ms;
    change(p, &ask, password_set);
}

static void hash_password(proving *p)
{
    p->hashing = (lia_hashing){
        .call = p->call, .password = p->fresh->password, .done = password_hashed, .context = p};
    (void)lia_hashing_go(&p->hashing);
}

static void old_password_checked(lia_hashing *hashing)
{
    proving *p = hashing->context;
    if (hashing->good)
        hash_password(p);
    else
        refuse(p, "old_password: this is not the password");
}

static lia_err check_password(const proving *p, lia_why *why)
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
static lia_err read_link(proving *p, lia_why *why)
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
    proving *p = begin(call);
    if (!p) return;
    p->fresh = lia_call_read(call, &access__new_password__descriptor);
    if (!p->fresh) return;
    bool by_link = !lia_text_is_empty(p->fresh->secret);
    if (by_link) {
        call->login = NULL; /* who else is signed in does not matter */
        err = read_link(p, &why);
    } else if (lia_call_session(call)) {
        err = read_credential(p, call->login->user);
    } else {
        return;
    }
    if (!err) err = check_password(p, &why);
    if (err)
        lia_call_fail(call, err, &why);
    else if (by_link)
        hash_password(p);
    else
        prove_here(p, p->fresh->old_password, old_password_checked);
}

/* ---- second factor --------------------------------------------------------------------------- */

static void put_escaped(lia_buf *out, const char *text)
{
    for (; *text; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || strchr("-._~", *text);
        lia_buf_format(out, plain ? "%c" : "%%%02X", (uint8_t)*text);
    }
}

static void factor_begun(lia_errand *errand)
{
    proving *p = errand->context;
    char key[LIA_TOTP_KEY_TEXT];
    lia_buf out = lia_buf_make(p->call->arena);
    lia_totp_key_print(p->key, key);
    lia_buf_format(&out, "{\"key\":\"%s\",\"uri\":\"otpauth://totp/Liaison:", key);
    put_escaped(&out, p->call->login->name);
    lia_buf_format(&out, "?secret=%s&issuer=Liaison\"}", key);
    lia_call_json(p->call, &out);
}

static void begin_factor(lia_hashing *hashing)
{
    proving *p = hashing->context;
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    if (!hashing->good) {
        refuse(p, "password: this is not the password");
        return;
    }
    lia_random(p->key, sizeof p->key);
    ask.has_second_factor = true;
    ask.second_factor = (ProtobufCBinaryData){sizeof p->key, p->key};
    change(p, &ask, factor_begun);
}

void lia_api_begin_factor(lia_call *call)
{
    static const lia_refusal_text on[1] = {
        {"second-factor-is-on", "A second factor is asked for already: remove it first."}};
    proving *p = begin_own(call);
    if (!p) return;
    if (p->credential->second_factor_on) {
        const lia_problem problem = lia_problem_of(LIA_EREFUSED, on, NULL);
        lia_call_problem(call, &problem);
        return;
    }
    prove_anywhere(p, p->proof->password, begin_factor);
}

static void factor_confirmed(lia_errand *errand)
{
    proving *p = errand->context;
    lia_buf out = lia_buf_make(p->call->arena);
    lia_buf_text(&out, "{\"recovery_codes\":[");
    for (size_t i = 0; i < RECOVERY_CODES; i++)
        lia_buf_format(&out, "%s\"%s\"", i ? "," : "", p->codes[i]);
    lia_buf_text(&out, "]}");
    lia_call_json(p->call, &out);
}

void lia_api_confirm_factor(lia_call *call)
{
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    ProtobufCBinaryData recovery[RECOVERY_CODES];
    uint8_t hashes[RECOVERY_CODES][LIA_DIGEST_SIZE], key[LIA_TOTP_KEY_SIZE];
    uint64_t step;
    proving *p = begin_own(call);
    if (!p || !may_try(p)) return;
    const char *code = p->proof->code ? p->proof->code : "";
    if (p->credential->second_factor_on || !key_of(p->credential, key) ||
        !lia_totp_check(key, lia_span_text(code), lia_time_now(), p->credential->second_factor_step,
                        &step)) {
        refuse(p, "code: this is not the code of the moment of a second factor that was begun");
        return;
    }
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        make_recovery(p->codes[i]);
        hash_recovery(p->user, p->codes[i], hashes[i]);
        recovery[i] = (ProtobufCBinaryData){LIA_DIGEST_SIZE, hashes[i]};
    }
    ask.has_second_factor_on = ask.second_factor_on = true;
    ask.has_second_factor_step = true;
    ask.second_factor_step = step;
    ask.recovery = recovery;
    ask.n_recovery = RECOVERY_CODES;
    change(p, &ask, factor_confirmed);
}

static void remove_factor(lia_hashing *hashing)
{
    proving *p = hashing->context;
    uint8_t hash[LIA_DIGEST_SIZE];
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    const char *code = p->proof->code ? p->proof->code : "";
    if (!hashing->good) {
        refuse(p, "password: this is not the password");
        return;
    }
    if (p->credential->second_factor_on &&
        !lia_code_use(p->credential, p->user, code, &ask, hash)) {
        refuse(p, "code: this is not the code of the moment, or it was used");
        return;
    }
    ask.has_second_factor_on = true;
    ask.second_factor_on = false;
    change(p, &ask, answer_empty);
}

void lia_api_remove_factor(lia_call *call)
{
    proving *p = begin_own(call);
    if (p) prove_anywhere(p, p->proof->password, remove_factor);
}
