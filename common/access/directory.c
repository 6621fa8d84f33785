/* SPDX-License-Identifier: Apache-2.0 */
/* A person is either local or the directory's: an account that is linked loses the password that
 * it had here, so that nobody stays in by it whom the directory sends away. Accounts of
 * administrators are not linked by their e-mail: whoever may write that there would be one. */
#include "common/access/directory.h"

#include "common/access/access.h"
#include "common/access/local.h"
#include "common/access/secrets.h"
#include "common/access/vouched.h"
#include "common/base/log.h"
#include "common/node/fields.h"
#include "common/node/index_walk.h"

static const lia_refusal_text IS_ADMINISTRATOR[1] = {
    {"is-administrator", "The account with your e-mail is an administrator's, which signs in with "
                         "its own e-mail and password."}};

#define LIST_MAX 4096 /* roles of one user; beyond it there is something else wrong */

typedef struct listed {
    ProtobufCBinaryData *ids;
    size_t count, room;
} listed;

typedef struct entering {
    lia_vouched v;
    const Access__EnterByDirectory *ask;
    listed given, managed; /* roles */
    ProtobufCBinaryData team;
} entering;

/* ---- reading --------------------------------------------------------------------------------- */

bool lia_issuer_is_directory(const char *issuer)
{
    return issuer && !strncmp(issuer, LIA_DIRECTORY_ISSUER, strlen(LIA_DIRECTORY_ISSUER));
}

static bool is_at(const Access__Identity *identity, const char *issuer)
{
    if (!identity || !identity->has_user || !identity->issuer || !identity->subject) return false;
    return issuer ? !strcmp(identity->issuer, issuer) : lia_issuer_is_directory(identity->issuer);
}

lia_err lia_directory_subject(const lia_rows *rows, lia_id user, const char *issuer,
                              lia_arena *arena, const char **out)
{
    lia_index_walk walk;
    lia_id id;
    *out = NULL;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_IDENTITY, "user", lia_id_span(&user));
    if (err) return err;
    while (!err && !*out && lia_index_walk_next(&walk, &id)) {
        ProtobufCMessage *message;
        err = lia_record_read(rows, LIA_IDENTITY, id, arena, &message);
        const Access__Identity *identity = (const Access__Identity *)message;
        if (!err && is_at(identity, issuer)) *out = identity->subject;
    }
    return lia_index_walk_close(&walk, err);
}

/* ---- names to records ------------------------------------------------------------------------ */

static bool has(const listed *list, lia_id id)
{
    for (size_t i = 0; i < list->count; i++)
        if (lia_id_equal(lia_id_in(list->ids[i]), id)) return true;
    return false;
}

static lia_err add(entering *e, listed *list, lia_id id)
{
    if (has(list, id)) return LIA_OK;
    if (list->count == LIST_MAX) return LIA_EFULL;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        ProtobufCBinaryData *ids = lia_arena_take(e->v.turn->arena, room * sizeof *ids);
        if (!ids) return LIA_EFULL;
        if (list->count) memcpy(ids, list->ids, list->count * sizeof *ids);
        list->ids = ids;
        list->room = room;
    }
    list->ids[list->count] = lia_id_keep(e->v.turn->arena, id);
    return list->ids[list->count++].len ? LIA_OK : LIA_EFULL;
}

/* The record of this kind with this name that counts; none when there is none, or more than one. */
static lia_err find_named(entering *e, uint16_t number, const char *name,
                          bool (*counts)(const ProtobufCMessage *, const char *), lia_id *out)
{
    const lia_rows *rows = lia_turn_rows(e->v.turn);
    lia_index_walk walk;
    lia_id id;
    size_t found = 0;
    *out = LIA_ID_NONE;
    lia_err err = lia_index_walk_of(&walk, rows, number, "name", lia_span_text(name));
    if (err) return err;
    while (!err && lia_index_walk_next(&walk, &id)) {
        ProtobufCMessage *message;
        err = lia_record_read(rows, number, id, e->v.turn->arena, &message);
        if (err || !message || !counts(message, name)) continue;
        *out = found++ ? LIA_ID_NONE : id;
    }
    return lia_index_walk_close(&walk, err);
}

static bool is_role(const ProtobufCMessage *message, const char *name)
{
    const Access__Role *role = (const Access__Role *)message;
    return !role->archived && !role->administrator && role->name && !strcmp(role->name, name);
}

static bool is_team(const ProtobufCMessage *message, const char *name)
{
    const Access__Team *team = (const Access__Team *)message;
    return !team->archived && team->name && !strcmp(team->name, name);
}

/* Whoever keeps the groups' file looks into the log. */
static void tell_unknown(const char *what, const char *name)
{
    LIA_LOG(WARN, "directory.unknown", LIA_TEXT("what", what), LIA_TEXT("name", name),
            LIA_TEXT("why", "ldap-groups: there is not one of this name that is open, or it is an "
                            "administrator's"));
}

static lia_err find_roles(entering *e, const char *const *names, size_t count, listed *out,
                          bool tell)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < count && !err; i++) {
        lia_id id;
        err = find_named(e, LIA_ROLE, names[i], is_role, &id);
        if (!err && lia_id_is_none(id) && tell) tell_unknown("role", names[i]);
        if (!err && !lia_id_is_none(id)) err = add(e, out, id);
    }
    return err;
}

static lia_err find_team(entering *e)
{
    lia_id id;
    if (lia_text_is_empty(e->ask->team)) return LIA_OK;
    lia_err err = find_named(e, LIA_TEAM, e->ask->team, is_team, &id);
    if (err) return err;
    if (lia_id_is_none(id))
        tell_unknown("team", e->ask->team);
    else
        e->team = lia_id_keep(e->v.turn->arena, id);
    return LIA_OK;
}

/* ---- who it is ------------------------------------------------------------------------------- */

static lia_err is_administrator(entering *e, const Crm__User *user, bool *out)
{
    *out = false;
    for (size_t i = 0; i < user->n_roles && !*out; i++) {
        Access__Role *role;
        lia_err err = lia_load(e->v.turn, LIA_ROLE, lia_id_in(user->roles[i]), &role);
        if (err == LIA_EABSENT) continue;
        if (err) return err;
        *out = role->administrator;
    }
    return LIA_OK;
}

static lia_err find_user(entering *e)
{
    Crm__User *user;
    bool administrates = false;
    lia_err err = lia_vouched_find_linked(&e->v);
    if (err || e->v.linked || lia_text_is_empty(e->v.email)) return err;
    err = lia_vouched_find_by_email(&e->v);
    if (err || lia_id_is_none(e->v.user)) return err;
    err = lia_vouched_must_be_open(&e->v, &user);
    if (!err) err = is_administrator(e, user, &administrates);
    return !err && administrates ? lia_refuse(e->v.turn, IS_ADMINISTRATOR) : err;
}

/* ---- what is recorded ------------------------------------------------------------------------ */

static bool differs(const char *before, const char *after)
{
    return !lia_text_is_empty(after) && (!before || strcmp(before, after));
}

/* An e-mail that another account has stays theirs. */
static lia_err take_email(entering *e, Crm__User *user, bool *changed)
{
    lia_email_holders holders;
    if (!differs(user->email, e->v.email)) return LIA_OK;
    lia_err err = lia_users_by_email(lia_turn_rows(e->v.turn), lia_span_text(e->v.email),
                                     e->v.turn->arena, &holders);
    if (err) return err;
    bool own = holders.open == 1 && lia_id_equal(holders.first_open, e->v.user);
    if (holders.open && !own) return LIA_OK;
    user->email = e->v.email;
    *changed = true;
    return LIA_OK;
}

/* The same ones in the order that they had, then those that are new. */
static lia_err take_roles(entering *e, Crm__User *user, bool *changed)
{
    listed roles = {0};
    lia_err err = LIA_OK;
    for (size_t i = 0; i < user->n_roles && !err; i++) {
        lia_id id = lia_id_in(user->roles[i]);
        bool stays = has(&e->given, id) || !has(&e->managed, id);
        if (stays) err = add(e, &roles, id);
        *changed |= !stays;
    }
    size_t kept = roles.count;
    for (size_t i = 0; i < e->given.count && !err; i++)
        err = add(e, &roles, lia_id_in(e->given.ids[i]));
    *changed |= roles.count != kept;
    user->roles = roles.ids;
    user->n_roles = roles.count;
    return err;
}

static lia_err update(entering *e, Crm__User *user)
{
    bool changed = differs(user->name, e->v.name);
    Crm__RecordChanged fact = CRM__RECORD_CHANGED__INIT;
    if (changed) user->name = e->v.name;
    lia_err err = take_email(e, user, &changed);
    if (!err && e->ask->mapped) err = take_roles(e, user, &changed);
    if (e->team.len && !lia_id_equal(lia_id_in(user->team), lia_id_in(e->team))) {
        LIA_SET(user, team, e->team);
        changed = true;
    }
    if (err || !changed) return err;
    err = lia_record(e->v.turn, LIA_USER, e->v.user, user);
    if (err) return err;
    LIA_SET(&fact, kind, LIA_USER);
    LIA_SET_ID(&fact, record, &e->v.user);
    return lia_tell(e->v.turn, &fact);
}

static lia_err bring_up_to_date(entering *e)
{
    Crm__User *user;
    lia_err err = lia_vouched_must_be_open(&e->v, &user);
    return err ? err : update(e, user);
}

lia_err lia_turn_enter_by_directory(lia_turn *turn, const void *request)
{
    const Access__EnterByDirectory *ask = request;
    entering e = {.ask = ask};
    e.v = lia_vouched_of(turn, ask->issuer, ask->subject, ask->email, ask->name);
    lia_err err = find_user(&e);
    if (!err) err = find_roles(&e, (const char *const *)ask->roles, ask->n_roles, &e.given, true);
    if (!err)
        err = find_roles(&e, (const char *const *)ask->managed, ask->n_managed, &e.managed, false);
    if (!err) err = find_team(&e);
    if (err) return err;
    bool known = !lia_id_is_none(e.v.user), admitted = !ask->mapped || e.given.count;
    if (!known && !ask->mapped) return lia_refuse(turn, lia_no_account);
    if (!admitted && !e.v.linked) return LIA_OK; /* an e-mail alone takes nothing from anybody */
    if (known)
        err = bring_up_to_date(&e);
    else if (admitted)
        err = lia_vouched_make(&e.v, e.given.ids, e.given.count, e.team);
    if (err || !admitted) return err;
    if (!e.v.linked) err = lia_vouched_link(&e.v);
    if (!err && !e.v.linked) err = lia_local_end_password(turn, e.v.user);
    if (!err) lia_turn_answer(turn, LIA_USER, e.v.user);
    return err;
}
