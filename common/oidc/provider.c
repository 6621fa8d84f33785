/* SPDX-License-Identifier: Apache-2.0 */
#include "common/oidc/provider.h"

#include "common/access/secrets.h"
#include "common/node/fields.h"
#include "common/oidc/claims.h"
#include "common/oidc/enter.h"
#include "common/wire/sort.h"
#include "proto/crm.pb-c.h"

static lia_id secret_id(lia_id provider)
{
    return lia_id_derive("access.provider_secret", lia_id_span(&provider));
}

static lia_err tell_kept(lia_turn *turn, lia_id provider)
{
    Access__ProviderKept fact = ACCESS__PROVIDER_KEPT__INIT;
    LIA_SET_ID(&fact, provider, &provider);
    return lia_tell(turn, &fact);
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* "example.com" */
static bool is_domain(const char *text)
{
    size_t size = strlen(text);
    if (size < 3 || size > 253 || !strchr(text, '.') || text[0] == '.' || text[size - 1] == '.')
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || strchr("@/:*?,;\"\\", *text) || *text == 0x7f)
            return false;
    return true;
}

static lia_err check_role(lia_turn *turn, lia_id id, size_t at)
{
    Access__Role *role;
    lia_err err = lia_load(turn, LIA_ROLE, id, &role);
    if (err == LIA_EABSENT)
        return lia_turn_fail(turn, LIA_EINVAL, "roles[%zu]: there is no such role", at);
    if (!err && role->administrator)
        return lia_turn_fail(turn, LIA_EINVAL,
                             "roles[%zu]: nobody becomes administrator by signing in", at);
    return err;
}

static lia_err check_newcomers(lia_turn *turn, const Access__Provider *provider)
{
    Access__Team *team;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < provider->n_roles && !err; i++)
        err = check_role(turn, lia_id_in(provider->roles[i]), i);
    if (!err && provider->has_team) {
        err = lia_load(turn, LIA_TEAM, lia_id_in(provider->team), &team);
        if (err == LIA_EABSENT)
            return lia_turn_fail(turn, LIA_EINVAL, "team: there is no such team");
    }
    if (err || !provider->create_users) return err;
    if (!provider->n_domains)
        return lia_turn_fail(turn, LIA_EINVAL,
                             "domains: to make users, say which: without, everybody in the world "
                             "whom the issuer knows would be one");
    if (!provider->n_roles)
        return lia_turn_fail(turn, LIA_EINVAL, "roles: to make users, say what they may");
    return LIA_OK;
}

/* http is looked at where the node knows whether it may (fetch.h): records are the same at all. */
static lia_err prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    lia_why why = {{0}};
    Access__Provider *provider = after;
    (void)id;
    lia_err err = lia_oidc_issuer_check(provider->issuer ? provider->issuer : "", true, &why);
    if (err) return lia_turn_fail(turn, err, "%s", why.text);
    if (strlen(provider->client_id ? provider->client_id : "") > LIA_PROVIDER_CLIENT_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "client_id: at most %d bytes are taken",
                             LIA_PROVIDER_CLIENT_MAX);
    if (provider->n_domains > LIA_PROVIDER_DOMAINS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "domains: at most %d are taken",
                             LIA_PROVIDER_DOMAINS_MAX);
    for (size_t i = 0; i < provider->n_domains; i++)
        if (!is_domain(provider->domains[i]))
            return lia_turn_fail(turn, LIA_EINVAL,
                                 "domains[%zu]: a domain is wanted, as in example.com", i);
    if (!before && !provider->has_enabled) LIA_SET(provider, enabled, true);
    return check_newcomers(turn, provider);
}

/* ---- commands -------------------------------------------------------------------------------- */

static lia_err set_secret(lia_turn *turn, const void *request)
{
    const Access__SetProviderSecret *ask = request;
    lia_id id = lia_id_in(ask->provider);
    Access__Provider *provider;
    Access__ProviderSecret secret = ACCESS__PROVIDER_SECRET__INIT;
    bool has = !lia_text_is_empty(ask->secret);
    if (has && strlen(ask->secret) > LIA_PROVIDER_SECRET_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "secret: at most %d bytes are taken",
                             LIA_PROVIDER_SECRET_MAX);
    lia_err err = lia_load(turn, LIA_PROVIDER, id, &provider);
    if (err) return err;
    LIA_SET_ID(&secret, provider, &id);
    secret.secret = has ? ask->secret : NULL;
    err = lia_record(turn, LIA_PROVIDER_SECRET, secret_id(id), &secret);
    if (!err) err = tell_kept(turn, id);
    lia_turn_answer(turn, LIA_PROVIDER, id);
    if (err || provider->has_secret == has) return err;
    LIA_SET(provider, has_secret, has);
    err = lia_record(turn, LIA_PROVIDER, id, provider);
    if (err) return err;
    Crm__RecordChanged fact = CRM__RECORD_CHANGED__INIT;
    LIA_SET(&fact, kind, LIA_PROVIDER);
    LIA_SET_ID(&fact, record, &id);
    return lia_tell(turn, &fact);
}

/* ---- reading --------------------------------------------------------------------------------- */

lia_err lia_provider_read(const lia_rows *rows, lia_id id, lia_arena *arena,
                          const Access__Provider **out)
{
    ProtobufCMessage *message = NULL;
    lia_err err = lia_record_read(rows, LIA_PROVIDER, id, arena, &message);
    const Access__Provider *provider = (const Access__Provider *)message;
    *out = provider;
    if (err) return err;
    bool counts = provider && provider->enabled && !provider->archived;
    return counts && provider->issuer && provider->client_id ? LIA_OK : LIA_EABSENT;
}

static int by_name(const void *a, const void *b)
{
    const char *x = ((const lia_provider_found *)a)->provider->name;
    const char *y = ((const lia_provider_found *)b)->provider->name;
    return strcmp(x ? x : "", y ? y : "");
}

lia_err lia_providers_list(const lia_rows *rows, lia_arena *arena, lia_provider_found *out,
                           size_t *count)
{
    lia_scan *scan;
    lia_span key, row;
    lia_record_key read;
    lia_key prefix = lia_key_kind(LIA_PROVIDER);
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && *count < LIA_PROVIDERS_MAX && lia_scan_next(scan, &key, &row)) {
        if (!lia_record_key_read(key, &read) || read.tag != LIA_TAG_STATE) continue;
        lia_provider_found *next = &out[*count];
        next->id = read.id;
        err = lia_provider_read(rows, read.id, arena, &next->provider);
        *count += !err;
        if (err == LIA_EABSENT) err = LIA_OK;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    if (!err) lia_sort(out, *count, sizeof *out, by_name);
    return err;
}

lia_err lia_provider_secret(const lia_rows *rows, lia_id id, lia_arena *arena, const char **out)
{
    ProtobufCMessage *message;
    *out = NULL;
    lia_err err = lia_record_read(rows, LIA_PROVIDER_SECRET, secret_id(id), arena, &message);
    const Access__ProviderSecret *secret = (const Access__ProviderSecret *)message;
    if (!err && secret && !lia_text_is_empty(secret->secret)) *out = secret->secret;
    return err;
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { SET_SECRET, ENTER, UNLINK };

static const lia_command_row commands[] = {
    [SET_SECRET] =
        {"provider.set_secret", "setSecret", LIA_PROVIDER, false,
         &access__set_provider_secret__descriptor, set_secret,
         "Sets what is shown to the provider as this installation's secret, or takes it away. "
         "No answer tells it."},
    [ENTER] = {"identity.enter", "enter", LIA_IDENTITY, true, &access__enter__descriptor,
               lia_turn_enter, "Finds, links or makes the user whom a provider vouches for."},
    [UNLINK] = {"identity.unlink", "unlink", LIA_IDENTITY, true, &access__unlink__descriptor,
                lia_turn_unlink, "Ends what links a user with an issuer."},
};

const lia_command_row *const lia_enter = &commands[ENTER];
const lia_command_row *const lia_unlink = &commands[UNLINK];

static const lia_rule_row rules[] = {{LIA_PROVIDER, prepare}};

const lia_service lia_oidc = {
    .name = "oidc",
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
};
