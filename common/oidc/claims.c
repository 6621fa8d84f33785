/* SPDX-License-Identifier: Apache-2.0 */
#include "common/oidc/claims.h"

#include <strings.h>

#include "common/base/crypto.h"
#include "common/hooks/address.h"
#include "common/wire/json_tree.h"

/* jansson's own sentences quote the text. */
static lia_err load(lia_span json, json_t **out, const char *what, lia_why *why)
{
    *out = NULL;
    if (json.size > LIA_OIDC_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "%s is too large", what);
    lia_err err = lia_json_load(json, out, NULL);
    if (err == LIA_EINVAL || (!err && !json_is_object(*out))) {
        json_decref(*out);
        *out = NULL;
        return lia_why_set(why, LIA_EINVAL, "%s is no JSON object", what);
    }
    return err;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* False when it does not fit; an absent one is "". */
static bool copy_text(const json_t *object, const char *name, char *out, size_t size)
{
    const char *text = text_of(object, name);
    *out = 0;
    if (!text) return true;
    if (strlen(text) >= size) return false;
    strcpy(out, text);
    return true;
}

/* ---- addresses ------------------------------------------------------------------------------- */

lia_err lia_oidc_url_check(const char *url, const char *what, bool plain, lia_why *why)
{
    lia_why inner = {{0}};
    lia_err err = lia_hook_url_check(url, &inner);
    if (err) return lia_why_set(why, err, "%s: %s", what, inner.text);
    if (strlen(url) >= LIA_OIDC_URL_SIZE)
        return lia_why_set(why, LIA_EINVAL, "%s: it is too long", what);
    if (!plain && strncmp(url, "https://", 8) != 0)
        return lia_why_set(why, LIA_EINVAL, "%s: an address with https:// is wanted", what);
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\')
            return lia_why_set(why, LIA_EINVAL,
                               "%s: there is a character that is not written so in addresses",
                               what);
    return LIA_OK;
}

lia_err lia_oidc_issuer_check(const char *issuer, bool plain, lia_why *why)
{
    lia_err err = lia_oidc_url_check(issuer, "issuer", plain, why);
    if (!err && strchr(issuer, '?'))
        err = lia_why_set(why, LIA_EINVAL, "issuer: no '?' belongs into it");
    if (!err && strlen(issuer) > 512)
        err = lia_why_set(why, LIA_EINVAL, "issuer: at most 512 characters are taken");
    return err;
}

/* ---- a provider's doors ---------------------------------------------------------------------- */

static lia_err read_door(const json_t *document, const char *name, bool required, bool plain,
                         char out[LIA_OIDC_URL_SIZE], lia_why *why)
{
    if (!copy_text(document, name, out, LIA_OIDC_URL_SIZE))
        return lia_why_set(why, LIA_EINVAL, "%s: it is too long", name);
    if (*out) return lia_oidc_url_check(out, name, plain, why);
    return required ? lia_why_set(why, LIA_EINVAL, "%s: it is missing", name) : LIA_OK;
}

static bool lists(const json_t *array, const char *text)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *item = json_string_value(json_array_get(array, i));
        if (item && !strcmp(item, text)) return true;
    }
    return false;
}

static lia_err read_doors(lia_oidc_doors *out, const json_t *document, const char *issuer,
                          bool plain, lia_why *why)
{
    const char *said = text_of(document, "issuer");
    if (!said || strcmp(said, issuer) != 0)
        return lia_why_set(why, LIA_EINVAL, "issuer: the provider calls itself something else");
    lia_err err = read_door(document, "authorization_endpoint", true, plain, out->authorize, why);
    if (!err) err = read_door(document, "token_endpoint", true, plain, out->token, why);
    if (!err) err = read_door(document, "jwks_uri", true, plain, out->jwks, why);
    if (!err) err = read_door(document, "userinfo_endpoint", false, plain, out->userinfo, why);
    if (!err)
        err = read_door(document, "end_session_endpoint", false, plain, out->end_session, why);
    if (err) return err;
    const json_t *ways = json_object_get(document, "token_endpoint_auth_methods_supported");
    out->by_header = !ways || lists(ways, "client_secret_basic"); /* Discovery section 3 */
    out->by_form = lists(ways, "client_secret_post");
    out->says_issuer =
        json_is_true(json_object_get(document, "authorization_response_iss_parameter_supported"));
    return LIA_OK;
}

lia_err lia_oidc_doors_read(lia_oidc_doors *out, lia_span json, const char *issuer, bool plain,
                            lia_why *why)
{
    json_t *document;
    *out = (lia_oidc_doors){0};
    lia_err err = load(json, &document, "what it says of itself", why);
    if (err) return err;
    err = read_doors(out, document, issuer, plain, why);
    json_decref(document);
    return err;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* Section 5.2 of RFC 6749; other words could be anything. */
static const char *known_error(const char *said)
{
    static const char *const known[] = {"invalid_request",        "invalid_client",
                                        "invalid_grant",          "unauthorized_client",
                                        "unsupported_grant_type", "invalid_scope"};
    for (size_t i = 0; said && i < LIA_COUNT(known); i++)
        if (!strcmp(said, known[i])) return known[i];
    return NULL;
}

static bool is_bearer(const char *type)
{
    return type && !strcasecmp(type, "bearer");
}

static lia_err read_tokens(lia_oidc_tokens *out, const json_t *answer, lia_arena *arena,
                           lia_why *why)
{
    const char *no = known_error(text_of(answer, "error"));
    const char *id = text_of(answer, "id_token"), *access = text_of(answer, "access_token");
    if (json_object_get(answer, "error"))
        return lia_why_set(why, LIA_EINVAL, "it does not take the code: %s",
                           no ? no : "it does not say why");
    if (!id) return lia_why_set(why, LIA_EINVAL, "it gives no ID token");
    if (access && !is_bearer(text_of(answer, "token_type"))) access = NULL; /* not ours to use */
    out->id = lia_arena_copy(arena, lia_span_text(id));
    out->access = lia_arena_copy(arena, lia_span_text(access));
    return out->id.data && out->access.data ? LIA_OK : LIA_EFULL;
}

lia_err lia_oidc_tokens_read(lia_oidc_tokens *out, lia_span json, lia_arena *arena, lia_why *why)
{
    json_t *answer;
    *out = (lia_oidc_tokens){0};
    lia_err err = load(json, &answer, "its answer to the code", why);
    if (err) return err;
    err = read_tokens(out, answer, arena, why);
    json_decref(answer);
    return err;
}

/* ---- who it is ------------------------------------------------------------------------------- */

static lia_err deny(lia_why *why, const char *text)
{
    return lia_why_set(why, LIA_EDENIED, "%s", text);
}

/* Seconds of 1970, as whole or broken numbers (RFC 7519 section 2). */
static bool read_time(const json_t *claims, const char *name, int64_t *ms)
{
    const json_t *value = json_object_get(claims, name);
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds >= 0 && seconds < 1e11)) return false;
    *ms = (int64_t)(seconds * 1000);
    return true;
}

static lia_err check_times(const json_t *claims, lia_time now, lia_why *why)
{
    int64_t until, made, from;
    if (!read_time(claims, "exp", &until) || !read_time(claims, "iat", &made))
        return deny(why, "the ID token does not say from when to when it holds");
    if (until + LIA_OIDC_SKEW_MS <= now.ms) return deny(why, "the ID token has expired");
    if (made > now.ms + LIA_OIDC_SKEW_MS)
        return deny(why,
                    "the ID token is from the future: a clock is wrong, here or at the provider");
    if (made + LIA_OIDC_AGE_MS < now.ms) return deny(why, "the ID token is an old one");
    if (!json_object_get(claims, "nbf")) return LIA_OK;
    if (!read_time(claims, "nbf", &from) || from > now.ms + LIA_OIDC_SKEW_MS)
        return deny(why, "the ID token does not hold yet");
    return LIA_OK;
}

/* With other audiences beside us, who asked for it must be said to be us. */
static lia_err check_audience(const json_t *claims, const char *client_id, lia_why *why)
{
    const json_t *audience = json_object_get(claims, "aud");
    const char *only = json_string_value(audience), *party = text_of(claims, "azp");
    bool has_party = json_object_get(claims, "azp") != NULL;
    bool ours = only ? !strcmp(only, client_id) : lists(audience, client_id);
    if (!ours) return deny(why, "the ID token is meant for somebody else");
    if (has_party && (!party || strcmp(party, client_id) != 0))
        return deny(why, "the ID token was given to somebody else");
    if (json_array_size(audience) > 1 && !has_party)
        return deny(why,
                    "the ID token is meant for others, too, and does not say for whom it was made");
    return LIA_OK;
}

static bool is_secret(const char *said, const char *wanted)
{
    return said && *wanted && strlen(said) == strlen(wanted) &&
           lia_secret_equal(said, wanted, strlen(wanted));
}

static lia_err check_claims(const json_t *claims, const lia_oidc_wanted *wanted, lia_why *why)
{
    const char *issuer = text_of(claims, "iss");
    if (!issuer || strcmp(issuer, wanted->issuer) != 0)
        return deny(why, "the ID token is another issuer's");
    lia_err err = check_audience(claims, wanted->client_id, why);
    if (!err) err = check_times(claims, wanted->now, why);
    if (err) return err;
    if (!is_secret(text_of(claims, "nonce"), wanted->nonce))
        return deny(why, "the ID token does not belong to this sign-in");
    if (json_object_get(claims, "at_hash")) {
        char hash[LIA_JOSE_HALF_TEXT];
        lia_jose_half_hash(wanted->algorithm, wanted->access_token, hash);
        if (!is_secret(text_of(claims, "at_hash"), hash))
            return deny(why, "ID token and access token do not belong together");
    }
    return LIA_OK;
}

/* What is not an e-mail is as if it was not said. */
static bool is_email(const char *text)
{
    const char *at = strchr(text, '@');
    if (!at || at == text || !at[1] || strchr(at + 1, '@')) return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f) return false;
    return true;
}

/* An e-mail and whether it is verified are taken from the same place. */
static void read_rest(lia_oidc_person *out, const json_t *claims)
{
    if (!*out->email) {
        if (!copy_text(claims, "email", out->email, sizeof out->email) || !is_email(out->email))
            *out->email = 0;
        out->email_verified =
            *out->email && json_is_true(json_object_get(claims, "email_verified"));
    }
    if (!*out->name && !copy_text(claims, "name", out->name, sizeof out->name)) *out->name = 0;
}

static lia_err read_subject(const json_t *claims, char out[LIA_OIDC_SUBJECT_SIZE], lia_why *why)
{
    if (!copy_text(claims, "sub", out, LIA_OIDC_SUBJECT_SIZE) || !*out)
        return deny(why, "the provider does not say who it is");
    return LIA_OK;
}

lia_err lia_oidc_person_read(lia_oidc_person *out, lia_span payload, const lia_oidc_wanted *wanted,
                             lia_why *why)
{
    json_t *claims;
    *out = (lia_oidc_person){0};
    lia_err err = load(payload, &claims, "the ID token", why);
    if (err == LIA_EINVAL) return LIA_EDENIED;
    if (err) return err;
    err = check_claims(claims, wanted, why);
    if (!err) err = read_subject(claims, out->subject, why);
    if (!err) read_rest(out, claims);
    json_decref(claims);
    return err;
}

lia_err lia_oidc_person_add(lia_oidc_person *person, lia_span json, lia_why *why)
{
    json_t *claims;
    char subject[LIA_OIDC_SUBJECT_SIZE];
    lia_err err = load(json, &claims, "what it says of the person", why);
    if (err == LIA_EINVAL) return LIA_EDENIED;
    if (err) return err;
    err = read_subject(claims, subject, why);
    if (!err && strcmp(subject, person->subject) != 0)
        err = deny(why, "the provider speaks of two people");
    if (!err) read_rest(person, claims);
    json_decref(claims);
    return err;
}
