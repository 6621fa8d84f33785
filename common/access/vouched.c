/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/vouched.h"

#include "common/access/access.h"
#include "common/access/secrets.h"
#include "common/node/fields.h"

const lia_refusal_text lia_no_account[1] = {
    {"no-account", "Nobody here has your e-mail: ask an administrator for an account."}};
const lia_refusal_text lia_account_is_closed[1] = {
    {"account-is-closed", "Your account has been closed: ask an administrator."}};

lia_id lia_identity_id(lia_span issuer, lia_span subject)
{
    uint8_t size[4];
    lia_hash hash;
    lia_put_u32(size, (uint32_t)issuer.size);
    const lia_span parts[] = {LIA_SPAN_OF(size), issuer, subject};
    hash = lia_hash_of("access.identity", parts, LIA_COUNT(parts));
    return lia_id_derive("access.identity", LIA_SPAN_OF(hash));
}

lia_vouched lia_vouched_of(lia_turn *turn, const char *issuer, const char *subject,
                           const char *email, const char *name)
{
    lia_id identity = lia_identity_id(lia_span_text(issuer), lia_span_text(subject));
    return (lia_vouched){.turn = turn,
                         .issuer = issuer,
                         .subject = subject,
                         .email = email,
                         .name = name,
                         .identity = identity};
}

/* ---- who it is ------------------------------------------------------------------------------- */

lia_err lia_vouched_find_linked(lia_vouched *v)
{
    Access__Identity *identity;
    lia_err err = lia_load(v->turn, LIA_IDENTITY, v->identity, &identity);
    if (err == LIA_EABSENT) return LIA_OK;
    if (err) return err;
    v->user = lia_id_in(identity->user);
    v->linked = !lia_id_is_none(v->user);
    return LIA_OK;
}

lia_err lia_vouched_find_by_email(lia_vouched *v)
{
    lia_email_holders holders;
    lia_err err = lia_users_by_email(lia_turn_rows(v->turn), lia_span_text(v->email),
                                     v->turn->arena, &holders);
    if (err) return err;
    v->user = holders.open == 1 ? holders.first_open : LIA_ID_NONE;
    if (holders.open > 1) return lia_refuse(v->turn, lia_no_account);
    return !holders.open && holders.closed ? lia_refuse(v->turn, lia_account_is_closed) : LIA_OK;
}

lia_err lia_vouched_must_be_open(lia_vouched *v, Crm__User **out)
{
    lia_err err = lia_load(v->turn, LIA_USER, v->user, out);
    if (err == LIA_EABSENT || (!err && (*out)->archived))
        return lia_refuse(v->turn, lia_account_is_closed);
    return err;
}

/* ---- what is recorded ------------------------------------------------------------------------ */

static lia_err check_roles(lia_vouched *v, const ProtobufCBinaryData *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Access__Role *role;
        lia_err err = lia_load(v->turn, LIA_ROLE, lia_id_in(roles[i]), &role);
        if (err == LIA_EABSENT || (!err && role->administrator))
            return lia_refuse(v->turn, lia_no_account); /* it became one since */
        if (err) return err;
    }
    return LIA_OK;
}

lia_err lia_vouched_make(lia_vouched *v, ProtobufCBinaryData *roles, size_t count,
                         ProtobufCBinaryData team)
{
    Crm__User user = CRM__USER__INIT;
    Crm__RecordCreated fact = CRM__RECORD_CREATED__INIT;
    v->user = lia_id_derive("access.newcomer", lia_id_span(&v->identity));
    user.name = lia_text_is_empty(v->name) ? v->email : v->name;
    user.email = v->email;
    LIA_SET(&user, number, lia_user_number(v->user));
    user.roles = roles;
    user.n_roles = count;
    if (team.len) LIA_SET(&user, team, team);
    lia_err err = check_roles(v, roles, count);
    if (!err) err = lia_record(v->turn, LIA_USER, v->user, &user);
    if (err) return err;
    LIA_SET(&fact, kind, LIA_USER);
    LIA_SET_ID(&fact, record, &v->user);
    return lia_tell(v->turn, &fact);
}

lia_err lia_vouched_link(lia_vouched *v)
{
    Access__Identity identity = ACCESS__IDENTITY__INIT;
    LIA_SET_ID(&identity, user, &v->user);
    identity.issuer = v->issuer;
    identity.subject = v->subject;
    LIA_SET(&identity, linked_at, v->turn->now.ms);
    lia_err err = lia_record(v->turn, LIA_IDENTITY, v->identity, &identity);
    return err ? err : lia_secrets_tell(v->turn, v->user);
}
