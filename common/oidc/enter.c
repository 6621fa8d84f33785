/* SPDX-License-Identifier: Apache-2.0 */
/* In this order: the user whom this subject was linked with; the one whose e-mail the provider has
 * verified, who is linked with it from then on; a new one, where the provider may make users. What
 * an account is called here changes nothing: e-mails are given to others, subjects are not. */
#include "common/oidc/enter.h"

#include <strings.h>

#include "common/access/access.h"
#include "common/access/secrets.h"
#include "common/node/fields.h"
#include "common/oidc/provider.h"
#include "proto/crm.pb-c.h"

static const lia_refusal_text PROVIDER_IS_OFF[1] = {
    {"provider-is-off", "Nobody may sign in by this provider any more."}};
static const lia_refusal_text EMAIL_NOT_VERIFIED[1] = {
    {"email-not-verified", "The provider does not say that it has verified your e-mail, and it is "
                           "by that that your account would be known."}};
static const lia_refusal_text OTHER_DOMAIN[1] = {
    {"other-domain", "E-mails of your domain may not sign in by this provider."}};
static const lia_refusal_text NO_ACCOUNT[1] = {
    {"no-account", "Nobody here has your e-mail: ask an administrator for an account."}};
static const lia_refusal_text ACCOUNT_IS_CLOSED[1] = {
    {"account-is-closed", "Your account has been closed: ask an administrator."}};

/* ---- domains --------------------------------------------------------------------------------- */

bool lia_domain_admits(const char *email, const char *const *domains, size_t count)
{
    const char *at = email ? strrchr(email, '@') : NULL;
    if (!count) return true;
    for (size_t i = 0; at && i < count; i++)
        if (!strcasecmp(at + 1, domains[i])) return true;
    return false;
}

lia_id lia_identity_id(lia_span issuer, lia_span subject)
{
    uint8_t size[4];
    lia_hash hash;
    lia_put_u32(size, (uint32_t)issuer.size);
    const lia_span parts[] = {LIA_SPAN_OF(size), issuer, subject};
    hash = lia_hash_of("access.identity", parts, LIA_COUNT(parts));
    return lia_id_derive("access.identity", LIA_SPAN_OF(hash));
}

/* ---- who it is ------------------------------------------------------------------------------- */

typedef struct entering {
    lia_turn *turn;
    const Access__Enter *ask;
    const Access__Provider *provider;
    lia_id identity, user;
    bool linked;
} entering;

/* As it is at this moment, and as it was when they set out. */
static lia_err load_provider(entering *e)
{
    Access__Provider *provider;
    lia_err err = lia_load(e->turn, LIA_PROVIDER, lia_id_in(e->ask->provider), &provider);
    if (err == LIA_EABSENT) return lia_refuse(e->turn, PROVIDER_IS_OFF);
    if (err) return err;
    bool same = provider->issuer && !strcmp(provider->issuer, e->ask->issuer) &&
                provider->client_id && !strcmp(provider->client_id, e->ask->client_id);
    e->provider = provider;
    if (!same || !provider->enabled || provider->archived)
        return lia_refuse(e->turn, PROVIDER_IS_OFF);
    return LIA_OK;
}

static lia_err find_linked(entering *e)
{
    Access__Identity *identity;
    lia_err err = lia_load(e->turn, LIA_IDENTITY, e->identity, &identity);
    if (err == LIA_EABSENT) return LIA_OK;
    if (err) return err;
    e->user = lia_id_in(identity->user);
    e->linked = !lia_id_is_none(e->user);
    return LIA_OK;
}

/* A closed account counts, too: whoever was sent away does not come back as somebody new. */
static lia_err find_by_email(entering *e)
{
    lia_email_holders holders;
    lia_err err = lia_users_by_email(lia_turn_rows(e->turn), lia_span_text(e->ask->email),
                                     e->turn->arena, &holders);
    if (err) return err;
    e->user = holders.open == 1 ? holders.first_open : LIA_ID_NONE;
    if (holders.open > 1) return lia_refuse(e->turn, NO_ACCOUNT);
    return !holders.open && holders.closed ? lia_refuse(e->turn, ACCOUNT_IS_CLOSED) : LIA_OK;
}

/* ---- what is recorded ------------------------------------------------------------------------ */

/* Made of issuer and subject, so that two nodes which are cut off make one. */
static lia_err make_user(entering *e)
{
    Crm__User user = CRM__USER__INIT;
    Crm__RecordCreated fact = CRM__RECORD_CREATED__INIT;
    e->user = lia_id_derive("access.newcomer", lia_id_span(&e->identity));
    user.name = lia_text_is_empty(e->ask->name) ? e->ask->email : e->ask->name;
    user.email = e->ask->email;
    LIA_SET(&user, number, lia_user_number(e->user));
    user.roles = e->provider->roles;
    user.n_roles = e->provider->n_roles;
    if (e->provider->has_team) LIA_SET(&user, team, e->provider->team);
    for (size_t i = 0; i < user.n_roles; i++) {
        Access__Role *role;
        lia_err err = lia_load(e->turn, LIA_ROLE, lia_id_in(user.roles[i]), &role);
        if (err == LIA_EABSENT || (!err && role->administrator))
            return lia_refuse(e->turn, NO_ACCOUNT); /* it became one since */
        if (err) return err;
    }
    lia_err err = lia_record(e->turn, LIA_USER, e->user, &user);
    if (err) return err;
    LIA_SET(&fact, kind, LIA_USER);
    LIA_SET_ID(&fact, record, &e->user);
    return lia_tell(e->turn, &fact);
}

static lia_err link_user(entering *e)
{
    Access__Identity identity = ACCESS__IDENTITY__INIT;
    LIA_SET_ID(&identity, user, &e->user);
    identity.issuer = e->ask->issuer;
    identity.subject = e->ask->subject;
    LIA_SET(&identity, linked_at, e->turn->now.ms);
    lia_err err = lia_record(e->turn, LIA_IDENTITY, e->identity, &identity);
    return err ? err : lia_secrets_tell(e->turn, e->user);
}

static lia_err must_be_open(entering *e)
{
    Crm__User *user;
    lia_err err = lia_load(e->turn, LIA_USER, e->user, &user);
    if (err == LIA_EABSENT || (!err && user->archived))
        return lia_refuse(e->turn, ACCOUNT_IS_CLOSED);
    return err;
}

lia_err lia_turn_enter(lia_turn *turn, const void *request)
{
    const Access__Enter *ask = request;
    entering e = {.turn = turn, .ask = ask};
    e.identity = lia_identity_id(lia_span_text(ask->issuer), lia_span_text(ask->subject));
    lia_err err = load_provider(&e);
    if (!err) err = find_linked(&e);
    if (err) return err;
    bool verified = !lia_text_is_empty(ask->email);
    if (!verified && (!e.linked || e.provider->n_domains))
        return lia_refuse(turn, EMAIL_NOT_VERIFIED);
    if (!lia_domain_admits(ask->email, (const char *const *)e.provider->domains,
                           e.provider->n_domains))
        return lia_refuse(turn, OTHER_DOMAIN);
    if (!e.linked) err = find_by_email(&e);
    if (err) return err;
    bool known = !lia_id_is_none(e.user);
    if (!known && !e.provider->create_users) return lia_refuse(turn, NO_ACCOUNT);
    err = known ? must_be_open(&e) : make_user(&e);
    if (!err && !e.linked) err = link_user(&e);
    if (!err) lia_turn_answer(turn, LIA_USER, e.user);
    return err;
}

/* An identity without a user links nobody. */
lia_err lia_turn_unlink(lia_turn *turn, const void *request)
{
    const Access__Unlink *ask = request;
    lia_id id = lia_id_in(ask->identity);
    Access__Identity *identity;
    lia_err err = lia_load(turn, LIA_IDENTITY, id, &identity);
    if (err) return err;
    if (!identity->has_user) return LIA_EABSENT;
    lia_id user = lia_id_in(identity->user);
    identity->has_user = false;
    err = lia_record(turn, LIA_IDENTITY, id, identity);
    return err ? err : lia_secrets_tell(turn, user);
}
