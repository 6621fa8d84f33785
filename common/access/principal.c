/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/principal.h"

#include "common/access/secrets.h"
#include "common/access/special.h"
#include "common/node/index_walk.h"
#include "common/wire/pb.h"
#include "common/wire/sort.h"
#include "proto/crm.pb-c.h"

enum { TEAMS_MAX = 4096, ROLES_MAX = 64 };

struct lia_principal {
    lia_id user, team; /* team none: of no team */
    uint32_t actor;
    lia_rights rights;
    lia_id *below; /* the team and all below it, sorted */
    size_t below_count;
};

/* ---- reading --------------------------------------------------------------------------------- */

static lia_id id_of(bool has, ProtobufCBinaryData bytes)
{
    return has ? lia_id_from(lia_span_make(bytes.data, bytes.len)) : LIA_ID_NONE;
}

static lia_err read_roles(lia_principal *who, const lia_rows *rows, const Crm__User *user,
                          lia_arena *arena)
{
    const Access__Role *roles[ROLES_MAX];
    size_t count = 0;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < user->n_roles && count < ROLES_MAX && !err; i++) {
        ProtobufCMessage *role;
        err = lia_record_read(rows, LIA_ROLE, id_of(true, user->roles[i]), arena, &role);
        if (!err && role) roles[count++] = (const Access__Role *)role;
    }
    return err ? err : lia_rights_make(&who->rights, roles, count, arena);
}

/* ---- teams ----------------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, LIA_ID_SIZE);
}

static bool is_below(const lia_principal *who, lia_id team)
{
    size_t low = 0, high = who->below_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(&who->below[middle], &team, sizeof team);
        if (!order) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool is_listed(const lia_id *list, size_t count, lia_id id)
{
    for (size_t i = 0; i < count; i++)
        if (lia_id_equal(list[i], id)) return true;
    return false;
}

/* The teams whose parent is `parent`, by the index of that field. */
static lia_err add_children(const lia_rows *rows, lia_id parent, lia_id *list, size_t *count)
{
    lia_index_walk walk;
    lia_id team;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_TEAM, "parent", lia_id_span(&parent));
    if (err) return err;
    while (*count < TEAMS_MAX && lia_index_walk_next(&walk, &team))
        if (!is_listed(list, *count, team)) list[(*count)++] = team; /* teams may form a ring */
    return lia_index_walk_close(&walk, LIA_OK);
}

static lia_err read_teams(lia_principal *who, const lia_rows *rows, lia_arena *arena)
{
    if (lia_id_is_none(who->team)) return LIA_OK;
    who->below = lia_arena_take(arena, TEAMS_MAX * sizeof *who->below);
    if (!who->below) return LIA_EFULL;
    who->below[who->below_count++] = who->team;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < who->below_count && !err; i++)
        err = add_children(rows, who->below[i], who->below, &who->below_count);
    lia_sort(who->below, who->below_count, sizeof *who->below, compare_ids);
    return err;
}

const lia_id *lia_principal_teams(const lia_principal *who, size_t *count)
{
    *count = who->below_count;
    return who->below;
}

/* ---- loading --------------------------------------------------------------------------------- */

lia_err lia_principal_load(lia_principal **out, const lia_rows *rows, lia_id id, lia_arena *arena)
{
    ProtobufCMessage *message;
    lia_principal *who = lia_arena_zero(arena, sizeof *who);
    *out = NULL;
    if (!who) return LIA_EFULL;
    lia_err err = lia_record_read(rows, LIA_USER, id, arena, &message);
    if (err) return err;
    const Crm__User *user = (const Crm__User *)message;
    if (!user || user->archived) return LIA_EDENIED;
    who->user = id;
    who->actor = user->number;
    who->team = id_of(user->has_team, user->team);
    err = read_roles(who, rows, user, arena);
    if (!err) err = read_teams(who, rows, arena);
    if (!err) *out = who;
    return err;
}

lia_err lia_principal_load_role(lia_principal **out, const lia_rows *rows, lia_id id,
                                lia_arena *arena)
{
    ProtobufCMessage *message;
    lia_principal *who = lia_arena_zero(arena, sizeof *who);
    *out = NULL;
    if (!who) return LIA_EFULL;
    lia_err err = lia_record_read(rows, LIA_ROLE, id, arena, &message);
    if (err) return err;
    const Access__Role *role = (const Access__Role *)message;
    if (!role || role->archived) return LIA_EDENIED;
    who->user = id;
    err = lia_rights_make(&who->rights, &role, 1, arena);
    if (!err) *out = who;
    return err;
}

const lia_principal *lia_principal_local(void)
{
    static const lia_principal local = {.rights = {.administrator = true}};
    return &local;
}

void lia_principal_narrow(lia_principal *who, const char *const *scopes, size_t count)
{
    lia_rights_narrow(&who->rights, scopes, count);
}

lia_id lia_principal_user(const lia_principal *who)
{
    return who->user;
}

uint32_t lia_principal_actor(const lia_principal *who)
{
    return who->actor;
}

const lia_rights *lia_principal_rights(const lia_principal *who)
{
    return &who->rights;
}

/* ---- whose record it is ---------------------------------------------------------------------- */

lia_id lia_reference_in(lia_span message, const lia_field *field)
{
    lia_pb_field found;
    if (!field || !lia_pb_find(message, field->number, &found) || found.wire != LIA_WIRE_BYTES)
        return LIA_ID_NONE;
    return lia_id_from(found.bytes);
}

const lia_field *lia_owner_field(const lia_kind *kind)
{
    const lia_field *field = lia_field_by_name(kind->message, LIA_SPAN("owner"));
    return field && field->reference == LIA_USER && !field->repeated ? field : NULL;
}

/* None: nobody's. `kind` as in the schema, not as it looks: a hidden owner still owns. */
static lia_err owner_of(const lia_rows *rows, const lia_kind *kind, lia_id id, lia_span message,
                        lia_arena *arena, lia_id *owner)
{
    const lia_field *field = lia_owner_field(kind);
    *owner = LIA_ID_NONE;
    if (kind->number == LIA_USER) *owner = id;
    if (kind->number == LIA_USER) return LIA_OK;
    if (field || !kind->customer) {
        *owner = lia_reference_in(message, field);
        return LIA_OK;
    }
    const lia_kind *customer = lia_kind_find(LIA_CUSTOMER);
    lia_id whose = lia_reference_in(message, kind->customer);
    lia_span there;
    if (lia_id_is_none(whose)) return LIA_OK;
    lia_err err = lia_rows_message(rows, customer, whose, arena, &there, NULL);
    if (!err) *owner = lia_reference_in(there, lia_owner_field(customer));
    return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
}

static lia_err team_of(const lia_rows *rows, lia_id user, lia_arena *arena, lia_id *team)
{
    const lia_kind *kind = lia_kind_find(LIA_USER);
    lia_span message;
    *team = LIA_ID_NONE;
    lia_err err = lia_rows_message(rows, kind, user, arena, &message, NULL);
    if (!err) *team = lia_reference_in(message, lia_field_by_name(kind->message, LIA_SPAN("team")));
    return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
}

lia_err lia_principal_reaches_owner(const lia_principal *who, const lia_rows *rows,
                                    Access__Scope scope, lia_id owner, lia_arena *arena, bool *out)
{
    lia_id team;
    *out = lia_id_equal(owner, who->user);
    if (*out || scope < ACCESS__SCOPE__SCOPE_TEAM || lia_id_is_none(who->team)) return LIA_OK;
    lia_err err = team_of(rows, owner, arena, &team);
    *out = lia_id_equal(team, who->team) ||
           (scope >= ACCESS__SCOPE__SCOPE_SUBTREE && is_below(who, team));
    return err;
}

lia_err lia_principal_may(const lia_principal *who, const lia_rows *rows, lia_action action,
                          const lia_kind *seen, lia_id id, lia_span message, lia_arena *arena,
                          bool *allowed)
{
    const lia_kind *kind = lia_kind_find(seen->number);
    Access__Scope scope = lia_rights_scope(&who->rights, action, kind);
    lia_id owner;
    *allowed = scope == ACCESS__SCOPE__SCOPE_ALL;
    if (*allowed || scope == ACCESS__SCOPE__SCOPE_NONE) return LIA_OK;
    if (lia_is_special(kind->number))
        return lia_special_may(who, rows, action, kind, message, arena, allowed);
    lia_err err = owner_of(rows, kind, id, message, arena, &owner);
    if (err || lia_id_is_none(owner)) return err;
    return lia_principal_reaches_owner(who, rows, scope, owner, arena, allowed);
}

lia_err lia_principal_reaches(const lia_principal *who, const lia_rows *rows, lia_action action,
                              const lia_kind *seen, lia_id id, lia_arena *arena, bool *allowed)
{
    lia_span message;
    *allowed = false;
    if (!lia_rights_kind(&who->rights, seen->number)) return LIA_OK;
    lia_err err = lia_rows_message(rows, lia_kind_find(seen->number), id, arena, &message, NULL);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    return lia_principal_may(who, rows, action, seen, id, message, arena, allowed);
}

/* ---- filters --------------------------------------------------------------------------------- */

bool lia_principal_sees_whole(const lia_principal *who, uint32_t number)
{
    const lia_kind *kind = lia_kind_find(number);
    return kind && lia_rights_whole(&who->rights, number) &&
           lia_rights_scope(&who->rights, LIA_ACTION_READ, kind) == ACCESS__SCOPE__SCOPE_ALL;
}

static bool may_look(const void *context, lia_beyond *beyond, const lia_kind *kind, lia_id id,
                     lia_span message)
{
    bool allowed = false;
    size_t mark = lia_arena_mark(&beyond->arena);
    lia_err err = lia_principal_may(context, beyond->rows, LIA_ACTION_READ, kind, id, message,
                                    &beyond->arena, &allowed);
    lia_arena_back(&beyond->arena, mark);
    if (err && !beyond->err) beyond->err = err;
    return !err && allowed;
}

void lia_principal_limit(const lia_principal *who, lia_beyond *beyond)
{
    beyond->may = who->rights.administrator ? NULL : may_look;
    beyond->may_context = who;
}

static const lia_kind *kind_in_sight(const void *context, uint32_t number)
{
    const lia_principal *who = context;
    return lia_rights_kind(&who->rights, number);
}

/* A figure would tell of each field of interactions that it is made of. */
lia_filter_sight lia_principal_sight(const lia_principal *who)
{
    return (lia_filter_sight){kind_in_sight, who, lia_rights_whole(&who->rights, LIA_INTERACTION)};
}
