/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/access.h"

#include "common/access/directory.h"
#include "common/access/local.h"
#include "common/access/rights.h"
#include "common/access/secrets.h"
#include "common/access/sweep.h"
#include "common/base/crypto.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

static const lia_refusal_text IS_SET_UP[1] = {
    {"is-set-up", "There is an administrator already: ask them for an account."}};
static const lia_refusal_text EMAIL_IS_TAKEN[1] = {
    {"email-is-taken", "Another user signs in with this e-mail."}};
static const lia_refusal_text CODE_IS_USED[1] = {
    {"code-is-used", "This code has been used: wait for the next one."}};
static const lia_refusal_text VOUCHED_FOR[1] = {
    {"vouched-for",
     "A provider or the directory says who this is, so the password is chosen there: "
     "an administrator can send a link by which one is chosen here, too."}};
static const lia_refusal_text TEAM_RING[1] = {
    {"team-ring", "A team cannot be part of a team that is part of it."}};

lia_err lia_secrets_tell(lia_turn *turn, lia_id user)
{
    Access__SecretsChanged fact = ACCESS__SECRETS_CHANGED__INIT;
    LIA_SET_ID(&fact, user, &user);
    return lia_tell(turn, &fact);
}

/* ---- the first administrator ----------------------------------------------------------------- */

/* The role is one record however many nodes make it. */
static lia_id administrators(void)
{
    return lia_id_derive("access.role", LIA_SPAN("administrator"));
}

static lia_err record_administrator(lia_turn *turn, lia_id id, const Access__SetUp *ask)
{
    lia_id role_id = administrators();
    Access__Role role = ACCESS__ROLE__INIT;
    role.name = "Administrator";
    LIA_SET(&role, administrator, true);
    lia_err err = lia_record(turn, LIA_ROLE, role_id, &role);
    if (err) return err;

    ProtobufCBinaryData roles[1] = {lia_id_bytes(&role_id)};
    Crm__User user = CRM__USER__INIT;
    user.name = ask->name;
    user.email = ask->email;
    LIA_SET(&user, number, 1);
    user.roles = roles;
    user.n_roles = 1;
    err = lia_record(turn, LIA_USER, id, &user);
    if (err) return err;
    Crm__RecordCreated fact = CRM__RECORD_CREATED__INIT;
    LIA_SET(&fact, kind, LIA_USER);
    LIA_SET_ID(&fact, record, &id);
    return lia_tell(turn, &fact);
}

static lia_err set_up(lia_turn *turn, const void *request)
{
    const Access__SetUp *ask = request;
    lia_id id = lia_id_in(ask->user);
    bool is_done;
    lia_err err = lia_has_administrator(lia_turn_rows(turn), turn->arena, &is_done);
    if (err) return err;
    if (is_done) return lia_refuse(turn, IS_SET_UP);
    err = record_administrator(turn, id, ask);
    if (err) return err;

    Access__Credential credential = ACCESS__CREDENTIAL__INIT;
    LIA_SET_ID(&credential, user, &id);
    credential.password = ask->password;
    LIA_SET(&credential, password_at, turn->now.ms);
    err = lia_record(turn, LIA_CREDENTIAL, lia_credential_id(id), &credential);
    if (!err) err = lia_secrets_tell(turn, id);
    if (!err) lia_turn_answer(turn, LIA_USER, id);
    return err;
}

/* ---- credentials ----------------------------------------------------------------------------- */

static lia_err user_must_exist(lia_turn *turn, lia_id id)
{
    Crm__User *user;
    lia_err err = lia_load(turn, LIA_USER, id, &user);
    if (err == LIA_EABSENT) return lia_turn_fail(turn, LIA_EINVAL, "user: there is no such user");
    return err;
}

static bool take_recovery(Access__Credential *credential, ProtobufCBinaryData used)
{
    for (size_t i = 0; i < credential->n_recovery; i++) {
        lia_span kept = lia_span_make(credential->recovery[i].data, credential->recovery[i].len);
        if (!lia_span_equal(kept, lia_span_make(used.data, used.len))) continue;
        credential->recovery[i] = credential->recovery[--credential->n_recovery];
        return true;
    }
    return false;
}

/* Codes count once, also when they come twice at the same moment. */
static lia_refusal use_codes(Access__Credential *credential, const Access__ChangeCredential *ask)
{
    if (ask->has_recovery_used && !take_recovery(credential, ask->recovery_used))
        return CODE_IS_USED;
    if (!ask->has_second_factor_step) return LIA_ALLOWED;
    if (credential->second_factor_step >= ask->second_factor_step) return CODE_IS_USED;
    LIA_SET(credential, second_factor_step, ask->second_factor_step);
    return LIA_ALLOWED;
}

static lia_err password_may_be_chosen(lia_turn *turn, const Access__ChangeCredential *ask)
{
    lia_local local;
    if (!ask->password) return LIA_OK;
    lia_err err = lia_local_read(lia_turn_rows(turn), lia_id_in(ask->user), turn->arena, &local);
    if (err) return err;
    return lia_local_may_choose(&local, ask->said_at) ? LIA_OK : lia_refuse(turn, VOUCHED_FOR);
}

static lia_err change_credential(lia_turn *turn, const void *request)
{
    const Access__ChangeCredential *ask = request;
    lia_id user = lia_id_in(ask->user), id = lia_credential_id(user);
    Access__Credential fresh = ACCESS__CREDENTIAL__INIT, *credential = &fresh;
    lia_err err = user_must_exist(turn, user);
    if (!err) err = password_may_be_chosen(turn, ask);
    if (!err) err = lia_load(turn, LIA_CREDENTIAL, id, &credential);
    if (err == LIA_EABSENT) {
        credential = &fresh;
        LIA_SET_ID(credential, user, &user);
        err = LIA_OK;
    }
    if (err) return err;
    lia_refusal no = use_codes(credential, ask);
    if (no) return lia_refuse(turn, no);
    if (ask->password) {
        credential->password = ask->password;
        LIA_SET(credential, password_at, turn->now.ms);
    }
    if (ask->has_second_factor) {
        LIA_SET(credential, second_factor, ask->second_factor);
        LIA_SET(credential, second_factor_on, false);
    }
    if (ask->has_second_factor_on) LIA_SET(credential, second_factor_on, ask->second_factor_on);
    if (ask->n_recovery || !credential->second_factor_on) {
        credential->recovery = ask->recovery;
        credential->n_recovery = ask->n_recovery;
    }
    err = lia_record(turn, LIA_CREDENTIAL, id, credential);
    return err ? err : lia_secrets_tell(turn, user);
}

/* ---- passes ---------------------------------------------------------------------------------- */

lia_err lia_pass_give(lia_turn *turn, const Access__GivePass *ask)
{
    lia_id user = lia_id_in(ask->user);
    lia_err err = user_must_exist(turn, user);
    if (err) return err;
    Access__Pass pass = ACCESS__PASS__INIT;
    LIA_SET_ID(&pass, user, &user);
    LIA_SET(&pass, type, ask->type);
    pass.name = ask->name;
    LIA_SET(&pass, made_at, turn->now.ms);
    LIA_SET(&pass, expires_at, ask->expires_at);
    pass.scopes = ask->scopes;
    pass.n_scopes = ask->n_scopes;
    pass.has_provider = ask->has_provider;
    pass.provider = ask->provider;
    pass.address = ask->address;
    err = lia_record(turn, LIA_PASS, lia_id_in(ask->pass), &pass);
    return err ? err : lia_secrets_tell(turn, user);
}

static lia_err give_pass(lia_turn *turn, const void *request)
{
    return lia_pass_give(turn, request);
}

static lia_err revoke_pass(lia_turn *turn, const void *request)
{
    const Access__RevokePass *ask = request;
    lia_id id = lia_id_in(ask->pass);
    Access__Pass *pass;
    lia_err err = lia_load(turn, LIA_PASS, id, &pass);
    if (err) return err;
    if (pass->has_revoked_at) return LIA_OK;
    LIA_SET(pass, revoked_at, turn->now.ms);
    err = lia_record(turn, LIA_PASS, id, pass);
    return err ? err : lia_secrets_tell(turn, lia_id_in(pass->user));
}

/* ---- rules ----------------------------------------------------------------------------------- */

static lia_err prepare_role(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id, (void)before;
    lia_why why = {{0}};
    lia_err err = lia_role_check(after, &why);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}

/* Rings made at two nodes at once are cut when rights are read. */
static lia_err prepare_team(lia_turn *turn, lia_id id, const void *before, void *after)
{
    enum { DEPTH_MAX = 64 };
    (void)before;
    const Access__Team *team = after;
    for (int depth = 0; team->has_parent; depth++) {
        lia_id parent = lia_id_in(team->parent);
        if (lia_id_equal(parent, id) || depth == DEPTH_MAX) return lia_refuse(turn, TEAM_RING);
        Access__Team *above;
        lia_err err = lia_load(turn, LIA_TEAM, parent, &above);
        if (err == LIA_EABSENT && !depth)
            return lia_turn_fail(turn, LIA_EINVAL, "parent: there is no such team");
        if (err) return err == LIA_EABSENT ? LIA_OK : err;
        team = above;
    }
    return LIA_OK;
}

static lia_err references_exist(lia_turn *turn, const Crm__User *user)
{
    Access__Team *team;
    lia_err err = user->has_team ? lia_load(turn, LIA_TEAM, lia_id_in(user->team), &team) : LIA_OK;
    if (err == LIA_EABSENT) return lia_turn_fail(turn, LIA_EINVAL, "team: there is no such team");
    for (size_t i = 0; i < user->n_roles && !err; i++) {
        Access__Role *role;
        err = lia_load(turn, LIA_ROLE, lia_id_in(user->roles[i]), &role);
        if (err == LIA_EABSENT)
            return lia_turn_fail(turn, LIA_EINVAL, "roles[%zu]: there is no such role", i);
    }
    return err;
}

/* Event headers are never personal and have no room for an id: a number stands for the user. Made
 * of the id, so that no node has to ask another one. */
uint32_t lia_user_number(lia_id user)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_span id = lia_id_span(&user);
    lia_digest_of("access.actor", &id, 1, digest);
    return lia_get_u32(digest) | 1u << 31; /* apart from numbers that people gave */
}

static lia_err prepare_user(lia_turn *turn, lia_id id, const void *before, void *after)
{
    Crm__User *user = after;
    if (!before && !user->has_number) LIA_SET(user, number, lia_user_number(id));
    lia_id other = LIA_ID_NONE;
    lia_err err = references_exist(turn, user);
    if (!err && user->email)
        err =
            lia_user_by_email(lia_turn_rows(turn), lia_span_text(user->email), turn->arena, &other);
    if (err) return err;
    if (lia_id_is_none(other) || lia_id_equal(other, id)) return LIA_OK;
    return lia_refuse(turn, EMAIL_IS_TAKEN);
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { SET_UP, CHANGE_CREDENTIAL, GIVE_PASS, REVOKE_PASS, ENTER_BY_DIRECTORY };

static const lia_command_row commands[] = {
    [SET_UP] = {"access.set_up", "setUp", LIA_CREDENTIAL, true, &access__set_up__descriptor, set_up,
                "Makes the first administrator."},
    [CHANGE_CREDENTIAL] = {"access.change_credential", "change", LIA_CREDENTIAL, true,
                           &access__change_credential__descriptor, change_credential,
                           "Sets a password or second factor."},
    [GIVE_PASS] = {"access.give_pass", "give", LIA_PASS, true, &access__give_pass__descriptor,
                   give_pass, "Makes a session, token or link."},
    [REVOKE_PASS] = {"access.revoke_pass", "revoke", LIA_PASS, true,
                     &access__revoke_pass__descriptor, revoke_pass,
                     "Ends a session, token or link."},
    [ENTER_BY_DIRECTORY] = {"identity.enter_by_directory", "enterByDirectory", LIA_IDENTITY, true,
                            &access__enter_by_directory__descriptor, lia_turn_enter_by_directory,
                            "Finds, links or makes the user whom a directory knows."},
};

const lia_command_row *const lia_set_up = &commands[SET_UP];
const lia_command_row *const lia_change_credential = &commands[CHANGE_CREDENTIAL];
const lia_command_row *const lia_give_pass = &commands[GIVE_PASS];
const lia_command_row *const lia_revoke_pass = &commands[REVOKE_PASS];
const lia_command_row *const lia_enter_by_directory = &commands[ENTER_BY_DIRECTORY];

static const lia_rule_row rules[] = {
    {LIA_ROLE, prepare_role},
    {LIA_TEAM, prepare_team},
    {LIA_USER, prepare_user},
};

/* ---- when rights change ---------------------------------------------------------------------- */

/* 'access.' any | rights | user(16) -> arrival(8) of the last event that changed it */
#define ANY    LIA_SPAN("access.any")
#define RIGHTS LIA_SPAN("access.rights")

typedef struct user_name {
    uint8_t bytes[7 + LIA_ID_SIZE];
} user_name;

static user_name name_of(lia_id user)
{
    user_name name = {"access."};
    memcpy(name.bytes + 7, user.bytes, LIA_ID_SIZE);
    return name;
}

static lia_err put_version(lia_turn *turn, lia_span name, uint64_t arrival)
{
    uint8_t bytes[8];
    lia_put_u64(bytes, arrival);
    return lia_fold_put(turn, name, LIA_SPAN_OF(bytes));
}

static lia_err note_rights(lia_turn *turn, const lia_occurrence *seen)
{
    bool concerns = false;
    for (size_t i = 0; i < seen->event->op_count; i++) {
        uint32_t kind = seen->event->ops[i].kind;
        concerns |= kind == LIA_USER || kind == LIA_TEAM || kind == LIA_ROLE;
    }
    if (!concerns) return LIA_OK;
    lia_err err = put_version(turn, ANY, seen->arrival);
    return err ? err : put_version(turn, RIGHTS, seen->arrival);
}

static lia_err note_secrets(lia_turn *turn, const lia_occurrence *seen)
{
    const Access__SecretsChanged *fact = seen->fact;
    lia_err err = put_version(turn, ANY, seen->arrival);
    if (err || !fact || !fact->has_user) return err;
    user_name name = name_of(lia_id_in(fact->user));
    return put_version(turn, LIA_SPAN_OF(name), seen->arrival);
}

static lia_err get_version(const lia_rows *rows, lia_span name, uint64_t *out)
{
    lia_span row;
    lia_key key = lia_key_fold(name);
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    *out = !err && row.size == 8 ? lia_get_u64(row.data) : 0;
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_access_changed(const lia_rows *rows, uint64_t *out)
{
    return get_version(rows, ANY, out);
}

lia_err lia_access_version_of(const lia_rows *rows, lia_id user, lia_access_version *out)
{
    user_name name = name_of(user);
    lia_err err = get_version(rows, RIGHTS, &out->rights);
    return err ? err : get_version(rows, LIA_SPAN_OF(name), &out->secrets);
}

static const lia_fold_row folds[] = {
    {"access.rights", 0, note_rights, NULL},
    {"access.secrets", LIA_SECRETS_CHANGED, note_secrets, NULL},
};

static const lia_job_row jobs[] = {{LIA_SWEEP_JOB, lia_sweep_run, LIA_SWEEP_EVERY_MS}};

const lia_service lia_access = {
    .name = "access",
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .ready = lia_sweep_ready,
    .folds = folds,
    .fold_count = LIA_COUNT(folds),
    .fold_version = 2,
};
