/* SPDX-License-Identifier: Apache-2.0 */
/* vouched.h says in which order accounts are looked for. What is a provider's own: whether it is
 * still believed, whether it has verified the e-mail, of which domains, and whether it may make
 * users. */
#include "common/oidc/enter.h"

#include <strings.h>

#include "common/access/access.h"
#include "common/access/local.h"
#include "common/access/vouched.h"
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

/* ---- domains --------------------------------------------------------------------------------- */

bool lia_domain_admits(const char *email, const char *const *domains, size_t count)
{
    const char *at = email ? strrchr(email, '@') : NULL;
    if (!count) return true;
    for (size_t i = 0; at && i < count; i++)
        if (!strcasecmp(at + 1, domains[i])) return true;
    return false;
}

/* ---- who it is ------------------------------------------------------------------------------- */

/* As it is at this moment, and as it was when they set out. */
static lia_err load_provider(lia_turn *turn, const Access__Enter *ask, const Access__Provider **out)
{
    Access__Provider *provider;
    lia_err err = lia_load(turn, LIA_PROVIDER, lia_id_in(ask->provider), &provider);
    if (err == LIA_EABSENT) return lia_refuse(turn, PROVIDER_IS_OFF);
    if (err) return err;
    bool same = provider->issuer && !strcmp(provider->issuer, ask->issuer) && provider->client_id &&
                !strcmp(provider->client_id, ask->client_id);
    *out = provider;
    if (!same || !provider->enabled || provider->archived) return lia_refuse(turn, PROVIDER_IS_OFF);
    return LIA_OK;
}

static lia_err make_user(lia_vouched *v, const Access__Provider *provider)
{
    ProtobufCBinaryData none = {0, NULL};
    return lia_vouched_make(v, provider->roles, provider->n_roles,
                            provider->has_team ? provider->team : none);
}

lia_err lia_turn_enter(lia_turn *turn, const void *request)
{
    Crm__User *user;
    const Access__Provider *provider = NULL;
    const Access__Enter *ask = request;
    lia_vouched v = lia_vouched_of(turn, ask->issuer, ask->subject, ask->email, ask->name);
    lia_err err = load_provider(turn, ask, &provider);
    if (!err) err = lia_vouched_find_linked(&v);
    if (err) return err;
    bool verified = !lia_text_is_empty(ask->email);
    if (!verified && (!v.linked || provider->n_domains))
        return lia_refuse(turn, EMAIL_NOT_VERIFIED);
    if (!lia_domain_admits(ask->email, (const char *const *)provider->domains, provider->n_domains))
        return lia_refuse(turn, OTHER_DOMAIN);
    if (!v.linked) err = lia_vouched_find_by_email(&v);
    if (err) return err;
    bool known = !lia_id_is_none(v.user);
    if (!known && !provider->create_users) return lia_refuse(turn, lia_no_account);
    err = known ? lia_vouched_must_be_open(&v, &user) : make_user(&v, provider);
    if (!err && !v.linked) err = lia_vouched_link(&v);
    if (!err && !v.linked) err = lia_local_end_password(turn, v.user);
    if (!err) lia_turn_answer(turn, LIA_USER, v.user);
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
