/* SPDX-License-Identifier: Apache-2.0 */
/* POST /session:beginSecondFactor    {"password"}: a key for an authenticator program
 * POST /session:confirmSecondFactor  {"code"}: from now on it is asked for; recovery codes
 * POST /session:removeSecondFactor   {"password", "code"} */
#include "common/http/api_prove.h"

/* ---- codes ----------------------------------------------------------------------------------- */

/* Case does not matter, nor do dashes and blanks. */
static bool hash_recovery(lia_id user, const char *code, uint8_t hash[LIA_DIGEST_SIZE])
{
    uint8_t text[LIA_RECOVERY_SIZE];
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
static void make_recovery(char code[LIA_RECOVERY_SIZE + 1])
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    uint8_t dice[LIA_RECOVERY_SIZE];
    lia_random(dice, sizeof dice);
    for (size_t i = 0; i < LIA_RECOVERY_SIZE; i++) code[i] = letters[dice[i] % 32];
    code[LIA_RECOVERY_SIZE] = 0;
}

/* ---- the answers ----------------------------------------------------------------------------- */

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
    lia_proving *p = errand->context;
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
    lia_proving *p = hashing->context;
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    if (!hashing->good) {
        lia_proving_refuse(p, "password: this is not the password");
        return;
    }
    lia_random(p->key, sizeof p->key);
    ask.has_second_factor = true;
    ask.second_factor = (ProtobufCBinaryData){sizeof p->key, p->key};
    lia_proving_change(p, &ask, factor_begun);
}

void lia_api_begin_factor(lia_call *call)
{
    static const lia_refusal_text on[1] = {
        {"second-factor-is-on", "A second factor is asked for already: remove it first."}};
    lia_proving *p = lia_proving_begin_own(call);
    if (!p) return;
    if (p->credential->second_factor_on) {
        const lia_problem problem = lia_problem_of(LIA_EREFUSED, on, NULL);
        lia_call_problem(call, &problem);
        return;
    }
    lia_prove(p, p->proof->password, begin_factor);
}

static void factor_confirmed(lia_errand *errand)
{
    lia_proving *p = errand->context;
    lia_buf out = lia_buf_make(p->call->arena);
    lia_buf_text(&out, "{\"recovery_codes\":[");
    for (size_t i = 0; i < LIA_RECOVERY_CODES; i++)
        lia_buf_format(&out, "%s\"%s\"", i ? "," : "", p->codes[i]);
    lia_buf_text(&out, "]}");
    lia_call_json(p->call, &out);
}

void lia_api_confirm_factor(lia_call *call)
{
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    ProtobufCBinaryData recovery[LIA_RECOVERY_CODES];
    uint8_t hashes[LIA_RECOVERY_CODES][LIA_DIGEST_SIZE], key[LIA_TOTP_KEY_SIZE];
    uint64_t step;
    lia_proving *p = lia_proving_begin_own(call);
    if (!p || !lia_proving_may_try(p)) return;
    const char *code = p->proof->code ? p->proof->code : "";
    if (p->credential->second_factor_on || !key_of(p->credential, key) ||
        !lia_totp_check(key, lia_span_text(code), lia_time_now(), p->credential->second_factor_step,
                        &step)) {
        lia_proving_refuse(
            p, "code: this is not the code of the moment of a second factor that was begun");
        return;
    }
    for (size_t i = 0; i < LIA_RECOVERY_CODES; i++) {
        make_recovery(p->codes[i]);
        hash_recovery(p->user, p->codes[i], hashes[i]);
        recovery[i] = (ProtobufCBinaryData){LIA_DIGEST_SIZE, hashes[i]};
    }
    ask.has_second_factor_on = ask.second_factor_on = true;
    ask.has_second_factor_step = true;
    ask.second_factor_step = step;
    ask.recovery = recovery;
    ask.n_recovery = LIA_RECOVERY_CODES;
    lia_proving_change(p, &ask, factor_confirmed);
}

static void remove_factor(lia_hashing *hashing)
{
    lia_proving *p = hashing->context;
    uint8_t hash[LIA_DIGEST_SIZE];
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    const char *code = p->proof->code ? p->proof->code : "";
    if (!hashing->good) {
        lia_proving_refuse(p, "password: this is not the password");
        return;
    }
    if (p->credential->second_factor_on &&
        !lia_code_use(p->credential, p->user, code, &ask, hash)) {
        lia_proving_refuse(p, "code: this is not the code of the moment, or it was used");
        return;
    }
    ask.has_second_factor_on = true;
    ask.second_factor_on = false;
    lia_proving_change(p, &ask, lia_errand_answer_empty);
}

void lia_api_remove_factor(lia_call *call)
{
    lia_proving *p = lia_proving_begin_own(call);
    if (p) lia_prove(p, p->proof->password, remove_factor);
}
