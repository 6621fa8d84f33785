/* SPDX-License-Identifier: Apache-2.0 */
#include "common/oidc/redeem.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/crypto.h"

#define FORM_SIZE   8192
#define HEADER_SIZE 2000

/* ---- what is known --------------------------------------------------------------------------- */

void lia_known_init(lia_known *known)
{
    pthread_mutex_init(&known->lock, NULL);
}

void lia_known_fini(lia_known *known)
{
    for (size_t i = 0; i < LIA_KNOWN_MAX; i++) lia_jwks_close(known->issuers[i].keys);
    pthread_mutex_destroy(&known->lock);
}

static lia_known_issuer *find(lia_known *known, const char *issuer)
{
    for (size_t i = 0; i < LIA_KNOWN_MAX; i++)
        if (!strcmp(known->issuers[i].issuer, issuer)) return &known->issuers[i];
    return NULL;
}

static lia_known_issuer *oldest(lia_known *known)
{
    lia_known_issuer *out = &known->issuers[0];
    for (size_t i = 1; i < LIA_KNOWN_MAX; i++)
        if (known->issuers[i].doors_ms < out->doors_ms) out = &known->issuers[i];
    return out;
}

bool lia_known_doors(lia_known *known, const char *issuer, lia_oidc_doors *out)
{
    pthread_mutex_lock(&known->lock);
    const lia_known_issuer *of = find(known, issuer);
    bool fresh = of && lia_time_ticks_ms() - of->doors_ms < LIA_DOORS_MS;
    if (fresh) *out = of->doors;
    pthread_mutex_unlock(&known->lock);
    return fresh;
}

/* Keys came from a door that may have moved: they are fetched anew. */
static void keep_doors(lia_known *known, const char *issuer, const lia_oidc_doors *doors)
{
    pthread_mutex_lock(&known->lock);
    lia_known_issuer *of = find(known, issuer);
    if (!of) of = oldest(known);
    lia_jwks_close(of->keys);
    *of = (lia_known_issuer){.doors = *doors, .doors_ms = lia_time_ticks_ms()};
    snprintf(of->issuer, sizeof of->issuer, "%s", issuer);
    pthread_mutex_unlock(&known->lock);
}

static void keep_keys(lia_known *known, const char *issuer, lia_jwks *keys)
{
    pthread_mutex_lock(&known->lock);
    lia_known_issuer *of = find(known, issuer);
    if (of) {
        lia_jwks_close(of->keys);
        of->keys = keys;
        of->keys_ms = lia_time_ticks_ms();
        keys = NULL;
    }
    pthread_mutex_unlock(&known->lock);
    lia_jwks_close(keys);
}

/* ---- exchanges ------------------------------------------------------------------------------- */

/* `what` stands in front of what went wrong. */
static lia_err say(lia_party_job *job, lia_err err, const char *what, const lia_why *inner)
{
    if (inner->text[0])
        lia_why_set(&job->why, err, "%s: %s", what, inner->text);
    else
        lia_why_set(&job->why, err, "%s: %s", what, lia_err_text(err));
    return err;
}

static lia_span body_of(const lia_redeemer *with)
{
    return lia_span_make(with->fetch->body, with->fetch->size);
}

static lia_err get(lia_redeemer *with, lia_party_job *job, const char *url,
                   const char *authorization, const char *what)
{
    lia_why inner = {{0}};
    lia_fetch *fetch = with->fetch;
    fetch->url = url;
    fetch->form = NULL;
    fetch->authorization = authorization;
    lia_err err = lia_fetch_run(fetch, &with->how, &inner);
    if (!err && fetch->status != 200)
        err = lia_why_set(&inner, LIA_EIO, "it answers %ld", fetch->status);
    return err ? say(job, err, what, &inner) : LIA_OK;
}

static lia_err fetch_doors(lia_redeemer *with, lia_party_job *job)
{
    static const char what[] = "the provider's description of itself";
    char url[LIA_OIDC_URL_SIZE + 64];
    lia_why inner = {{0}};
    if (lia_known_doors(with->known, job->issuer, &job->doors)) return LIA_OK;
    size_t size = strlen(job->issuer);
    if (size && job->issuer[size - 1] == '/') size--;
    snprintf(url, sizeof url, "%.*s/.well-known/openid-configuration", (int)size, job->issuer);
    lia_err err = lia_oidc_issuer_check(job->issuer, with->how.to_private, &inner);
    if (err) return say(job, err, what, &inner);
    err = get(with, job, url, NULL, what);
    if (err) return err;
    err =
        lia_oidc_doors_read(&job->doors, body_of(with), job->issuer, with->how.to_private, &inner);
    if (err) return say(job, err, what, &inner);
    keep_doors(with->known, job->issuer, &job->doors);
    return LIA_OK;
}

static lia_err fetch_keys(lia_redeemer *with, lia_party_job *job)
{
    static const char what[] = "the provider's keys";
    lia_why inner = {{0}};
    lia_jwks *keys;
    lia_err err = get(with, job, job->doors.jwks, NULL, what);
    if (err) return err;
    err = lia_jwks_read(&keys, body_of(with), &inner);
    if (err) return say(job, err, what, &inner);
    keep_keys(with->known, job->issuer, keys);
    return LIA_OK;
}

/* Section 2.3.1 of RFC 6749: both are encoded as in forms before they are joined. */
static bool print_basic(const lia_party_job *job, char out[HEADER_SIZE])
{
    char pair[1200] = "";
    bool fits = lia_form_put(pair, sizeof pair - 1, job->client_id);
    strcat(pair, ":");
    fits = fits && lia_form_put(pair, sizeof pair, job->secret);
    strcpy(out, "Basic ");
    lia_base64_print(lia_span_text(pair), out + 6, HEADER_SIZE - 6);
    lia_wipe(pair, sizeof pair);
    return fits;
}

typedef struct asking {
    char form[FORM_SIZE], header[HEADER_SIZE];
} asking;

static lia_err make_question(const lia_party_job *job, asking *ask, lia_why *why)
{
    char *form = ask->form;
    bool by_header = job->secret && job->doors.by_header;
    if (job->secret && !by_header && !job->doors.by_form)
        return lia_why_set(why, LIA_EINVAL, "it takes secrets in none of the ways that we know");
    bool fits = lia_form_add(form, FORM_SIZE, "grant_type", "authorization_code") &&
                lia_form_add(form, FORM_SIZE, "code", job->code) &&
                lia_form_add(form, FORM_SIZE, "redirect_uri", job->redirect) &&
                lia_form_add(form, FORM_SIZE, "code_verifier", job->verifier);
    if (!by_header) fits = fits && lia_form_add(form, FORM_SIZE, "client_id", job->client_id);
    if (by_header) fits = fits && print_basic(job, ask->header);
    if (job->secret && !by_header)
        fits = fits && lia_form_add(form, FORM_SIZE, "client_secret", job->secret);
    return fits ? LIA_OK : lia_why_set(why, LIA_EINVAL, "what it is to be asked is too long");
}

static lia_err fetch_tokens(lia_redeemer *with, lia_party_job *job, lia_oidc_tokens *tokens)
{
    static const char what[] = "the provider's tokens";
    lia_why inner = {{0}};
    lia_fetch *fetch = with->fetch;
    asking *ask = lia_arena_zero(&with->arena, sizeof *ask);
    lia_err err = ask ? make_question(job, ask, &inner) : LIA_EFULL;
    if (!err) {
        fetch->url = job->doors.token;
        fetch->form = ask->form;
        fetch->authorization = *ask->header ? ask->header : NULL;
        err = lia_fetch_run(fetch, &with->how, &inner);
    }
    if (ask) lia_wipe(ask, sizeof *ask);
    if (!err && fetch->status >= 500)
        err = lia_why_set(&inner, LIA_EIO, "it answers %ld", fetch->status);
    if (!err) err = lia_oidc_tokens_read(tokens, body_of(with), &with->arena, &inner);
    if (!err && fetch->status != 200)
        err = lia_why_set(&inner, LIA_EINVAL, "it answers %ld", fetch->status);
    lia_wipe(fetch->body, fetch->size);
    return err ? say(job, err, what, &inner) : LIA_OK;
}

/* ---- the ID token ---------------------------------------------------------------------------- */

/* LIA_EABSENT: by a key that is not known, or none is known any more. */
static lia_err check_signature(lia_redeemer *with, const lia_party_job *job, lia_span token,
                               lia_span *payload, lia_jose_algorithm *algorithm, lia_why *why)
{
    lia_known *known = with->known;
    pthread_mutex_lock(&known->lock);
    const lia_known_issuer *of = find(known, job->issuer);
    bool fresh = of && of->keys && lia_time_ticks_ms() - of->keys_ms < LIA_KEYS_MS;
    lia_err err = fresh ? lia_jws_check(token, of->keys, &with->arena, payload, algorithm, why)
                        : lia_why_set(why, LIA_EABSENT, "its keys are not known");
    pthread_mutex_unlock(&known->lock);
    return err;
}

static lia_err read_person(lia_redeemer *with, lia_party_job *job, const lia_oidc_tokens *tokens)
{
    static const char what[] = "the provider's word";
    lia_why inner = {{0}};
    lia_span payload;
    lia_oidc_wanted wanted = {.issuer = job->issuer,
                              .client_id = job->client_id,
                              .nonce = job->nonce,
                              .access_token = tokens->access};
    lia_err err = check_signature(with, job, tokens->id, &payload, &wanted.algorithm, &inner);
    if (err == LIA_EABSENT) {
        err = fetch_keys(with, job);
        if (err) return err;
        err = check_signature(with, job, tokens->id, &payload, &wanted.algorithm, &inner);
        if (err == LIA_EABSENT) err = LIA_EDENIED;
    }
    wanted.now = lia_time_now();
    if (!err) err = lia_oidc_person_read(&job->person, payload, &wanted, &inner);
    return err ? say(job, err == LIA_EINVAL ? LIA_EDENIED : err, what, &inner) : LIA_OK;
}

/* E-mails come with the ID token from some, and from others only when they are asked for. */
static lia_err add_userinfo(lia_redeemer *with, lia_party_job *job, const lia_oidc_tokens *tokens)
{
    static const char what[] = "the provider's word";
    char header[HEADER_SIZE];
    lia_why inner = {{0}};
    if (*job->person.email || !*job->doors.userinfo || !tokens->access.size) return LIA_OK;
    if (tokens->access.size > HEADER_SIZE - 16)
        return LIA_OK; /* nothing that a header takes; what is missing is told later */
    snprintf(header, sizeof header, "Bearer %s", (const char *)tokens->access.data);
    if (strpbrk(header, "\r\n")) return LIA_OK;
    lia_err err = get(with, job, job->doors.userinfo, header, what);
    lia_wipe(header, sizeof header);
    if (err) return err;
    err = lia_oidc_person_add(&job->person, body_of(with), &inner);
    return err ? say(job, err, what, &inner) : LIA_OK;
}

/* Before anybody is told the code: one that was given by somebody else is not ours to show here. */
static lia_err check_issuer(lia_party_job *job)
{
    bool named = job->said_issuer != NULL;
    if (named ? !strcmp(job->said_issuer, job->issuer) : !job->doors.says_issuer) return LIA_OK;
    return lia_why_set(&job->why, LIA_EDENIED,
                       named ? "the answer is another issuer's"
                             : "the answer does not name the issuer, and this one always does");
}

void lia_redeem(lia_redeemer *with, lia_party_job *job)
{
    lia_oidc_tokens tokens;
    lia_arena_reset(&with->arena);
    if (__atomic_load_n(with->how.hurry, __ATOMIC_ACQUIRE)) {
        job->err = lia_why_set(&job->why, LIA_ECLOSED, "this node is closing");
        return;
    }
    lia_err err = fetch_doors(with, job);
    if (!err && job->code) {
        err = check_issuer(job);
        if (!err) err = fetch_tokens(with, job, &tokens);
        if (!err) err = read_person(with, job, &tokens);
        if (!err) err = add_userinfo(with, job, &tokens);
    }
    job->err = err;
}
