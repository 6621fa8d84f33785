/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/rights.h"

#include "common/access/special.h"

#include "common/base/buf.h"

/* ---- names ----------------------------------------------------------------------------------- */

/* "customer.note" */
static const lia_field *find_field(const char *path, const lia_kind **kind)
{
    const char *point = strchr(path, '.');
    if (!point) return NULL;
    *kind = lia_kind_by_name(lia_span_make((const uint8_t *)path, (size_t)(point - path)));
    if (!*kind || (*kind)->secret) return NULL;
    return lia_field_by_name((*kind)->message, lia_span_text(point + 1));
}

static bool is_called(const char *path, size_t size, const char *name)
{
    return name && strlen(name) == size && !memcmp(path, name, size);
}

/* Who wanted to keep a field from somebody meant any that was to have the name, also the one that
 * another department added at the same time and that is called otherwise since. */
static bool means(const char *path, const lia_kind *kind, const lia_field *field)
{
    const char *point = strchr(path, '.');
    if (!point) return false;
    size_t size = (size_t)(point - path);
    if (!is_called(path, size, kind->name) &&
        !(kind->added && is_called(path, size, kind->added->wanted)))
        return false;
    return !strcmp(point + 1, field->name) ||
           (field->added && field->added->wanted && !strcmp(point + 1, field->added->wanted));
}

static bool names(const char *const *paths, size_t count, const lia_kind *kind,
                  const lia_field *field)
{
    for (size_t i = 0; i < count; i++)
        if (means(paths[i], kind, field)) return true;
    return false;
}

static const Access__Grant *grant_of(const Access__Role *role, const lia_kind *kind)
{
    const Access__Grant *general = NULL;
    for (size_t i = 0; i < role->n_grants; i++) {
        const Access__Grant *grant = role->grants[i];
        if (!grant->kind) continue;
        if (!strcmp(grant->kind, kind->name)) return grant;
        if (!strcmp(grant->kind, "*")) general = grant;
    }
    return general;
}

/* ---- scopes ---------------------------------------------------------------------------------- */

static Access__Scope granted(const Access__Grant *grant, lia_action action)
{
    switch (action) {
    case LIA_ACTION_READ:
        return grant->read;
    case LIA_ACTION_CREATE:
        return grant->create;
    case LIA_ACTION_CHANGE:
        return grant->change;
    case LIA_ACTION_ARCHIVE:
        return grant->archive;
    case LIA_ACTION_EXPORT:
        return grant->export;
    case LIA_ACTIONS:
        break;
    }
    return ACCESS__SCOPE__SCOPE_NONE;
}

/* Rights are given by administrators, or whoever may write them could give themself all; and so is
 * who is believed about who people are, what holds for everybody's records at once, and rules and
 * flows, which act with all rights. */
static bool is_grantable(const lia_kind *kind, lia_action action)
{
    if (kind->secret || kind->number == LIA_ROLE || kind->number == LIA_PROVIDER) return false;
    if (kind->number == LIA_CUSTOM_FIELD || kind->number == LIA_CUSTOM_KIND) return false;
    bool governs = kind->number == LIA_USER || kind->number == LIA_TEAM ||
                   kind->number == LIA_RETENTION_RULE || kind->number == LIA_MATCH_MODEL ||
                   kind->number == LIA_RULE || kind->number == LIA_FLOW ||
                   kind->number == LIA_HTTP_SECRET || kind->number == LIA_PAGE_LAYOUT;
    return action == LIA_ACTION_READ || !governs;
}

/* Nothing can be done with what cannot be read. */
static void join_grant(lia_kind_rights *rights, const lia_kind *kind, const Access__Grant *grant)
{
    if (grant->read == ACCESS__SCOPE__SCOPE_NONE) return;
    for (int action = 0; action < LIA_ACTIONS; action++) {
        if (!is_grantable(kind, (lia_action)action)) continue;
        Access__Scope scope = granted(grant, (lia_action)action);
        if (scope > ACCESS__SCOPE__SCOPE_ALL || (int)scope < 0) continue; /* of a newer release */
        if ((uint8_t)scope > rights->scopes[action]) rights->scopes[action] = (uint8_t)scope;
    }
}

/* ---- how a kind looks ------------------------------------------------------------------------ */

typedef enum look { SHOWN, LOCKED, HIDDEN } look;

/* What the most permissive role says that lets the kind be read. */
static look look_of(const Access__Role *const *roles, size_t count, const lia_kind *kind,
                    const lia_field *field)
{
    look most = HIDDEN;
    for (size_t i = 0; i < count; i++) {
        const Access__Role *role = roles[i];
        const Access__Grant *grant = role->archived ? NULL : grant_of(role, kind);
        if (!grant || grant->read == ACCESS__SCOPE__SCOPE_NONE) continue;
        if (names(role->hidden, role->n_hidden, kind, field)) continue;
        look says = names(role->locked, role->n_locked, kind, field) ? LOCKED : SHOWN;
        if (says < most) most = says;
    }
    return most;
}

/* The same field in the message as it looks; NULL when it is hidden. */
static const lia_field *same(const lia_message *message, const lia_field *field)
{
    return field ? lia_field_find(message, field->number) : NULL;
}

static const lia_kind *look_at(const Access__Role *const *roles, size_t count, const lia_kind *kind,
                               lia_arena *arena, bool *whole)
{
    size_t all = kind->message->count, changed = 0, hidden = 0;
    lia_field *fields = lia_arena_take(arena, (all ? all : 1) * sizeof *fields);
    lia_message *message = lia_arena_take(arena, sizeof *message);
    lia_kind *seen = lia_arena_take(arena, sizeof *seen);
    if (!fields || !message || !seen) return NULL;
    *message = *kind->message;
    message->fields = fields;
    message->count = 0;
    for (size_t i = 0; i < all; i++) {
        const lia_field *field = &kind->message->fields[i];
        look says = look_of(roles, count, kind, field);
        changed += says != SHOWN;
        hidden += says == HIDDEN;
        if (says == HIDDEN) continue;
        fields[message->count] = *field;
        fields[message->count++].read_only |= says == LOCKED;
    }
    *whole = !hidden;
    if (!changed) return kind;
    *seen = *kind;
    seen->message = message;
    seen->title = same(message, kind->title);
    seen->customer = same(message, kind->customer);
    seen->archived = same(message, kind->archived);
    seen->occurred = same(message, kind->occurred);
    return seen;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* For whoever has a role at all: the records say for whom they are. */
static lia_err make_special(lia_kind_rights *out, const Access__Role *const *roles, size_t count,
                            const lia_kind *kind)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) any |= !roles[i]->archived;
    if (!any) return LIA_OK;
    for (int action = 0; action < LIA_ACTIONS; action++)
        out->scopes[action] = (uint8_t)lia_special_scope(kind->number, (lia_action)action);
    out->seen = kind;
    out->whole = true;
    return LIA_OK;
}

static lia_err make_kind(lia_kind_rights *out, const Access__Role *const *roles, size_t count,
                         const lia_kind *kind, lia_arena *arena)
{
    if (lia_is_special(kind->number)) return make_special(out, roles, count, kind);
    for (size_t i = 0; i < count; i++) {
        const Access__Grant *grant = roles[i]->archived ? NULL : grant_of(roles[i], kind);
        if (grant) join_grant(out, kind, grant);
    }
    if (!out->scopes[LIA_ACTION_READ]) return LIA_OK;
    out->seen = look_at(roles, count, kind, arena, &out->whole);
    return out->seen ? LIA_OK : LIA_EFULL;
}

lia_err lia_rights_make(lia_rights *out, const Access__Role *const *roles, size_t count,
                        lia_arena *arena)
{
    size_t kind_count;
    const lia_kind *kinds = lia_kinds(&kind_count);
    *out = (lia_rights){.kinds = lia_arena_zero(arena, kind_count * sizeof *out->kinds),
                        .count = kind_count};
    if (!out->kinds) return LIA_EFULL;
    for (size_t i = 0; i < count; i++)
        out->administrator |= roles[i]->administrator && !roles[i]->archived;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < kind_count && !err; i++) {
        out->kinds[i].number = kinds[i].number;
        err = make_kind(&out->kinds[i], roles, count, &kinds[i], arena);
    }
    return err;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* "read", "write", "deal.read", "deal.write" */
static bool names_action(const char *scope, const lia_kind *kind, lia_action action)
{
    const char *point = strchr(scope, '.');
    const char *verb = point ? point + 1 : scope;
    if (point && (strlen(kind->name) != (size_t)(point - scope) ||
                  strncmp(kind->name, scope, (size_t)(point - scope)) != 0))
        return false;
    bool reads = action == LIA_ACTION_READ || action == LIA_ACTION_EXPORT;
    return !strcmp(verb, "write") || (reads && !strcmp(verb, "read"));
}

static bool names_any(const char *const *scopes, size_t count, const lia_kind *kind,
                      lia_action action)
{
    bool any = false;
    for (size_t i = 0; i < count && !any; i++) any = names_action(scopes[i], kind, action);
    return any;
}

bool lia_scope_is_known(const char *scope)
{
    const char *point = strchr(scope, '.');
    const char *verb = point ? point + 1 : scope;
    if (!strcmp(scope, "admin")) return true;
    if (strcmp(verb, "read") != 0 && strcmp(verb, "write") != 0) return false;
    return !point || lia_kind_by_name(lia_span_make(scope, (size_t)(point - scope)));
}

/* An administrator's rights as those of a role that allows everything. */
static void spell_out(lia_rights *rights)
{
    rights->administrator = false;
    for (size_t i = 0; i < rights->count; i++) {
        lia_kind_rights *of = &rights->kinds[i];
        const lia_kind *kind = lia_kind_find(of->number);
        for (int action = 0; kind && action < LIA_ACTIONS; action++)
            if (is_grantable(kind, (lia_action)action))
                of->scopes[action] = ACCESS__SCOPE__SCOPE_ALL;
        of->whole = of->scopes[LIA_ACTION_READ] != 0;
        if (of->whole) of->seen = kind;
    }
}

void lia_rights_narrow(lia_rights *rights, const char *const *scopes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rights->administrator && !strcmp(scopes[i], "admin")) return;
    if (!count) return;
    if (rights->administrator) spell_out(rights);
    for (size_t i = 0; i < rights->count; i++) {
        lia_kind_rights *of = &rights->kinds[i];
        const lia_kind *kind = lia_kind_find(of->number);
        for (int action = 0; action < LIA_ACTIONS; action++)
            if (!kind || !names_any(scopes, count, kind, (lia_action)action))
                of->scopes[action] = ACCESS__SCOPE__SCOPE_NONE;
        if (!of->scopes[LIA_ACTION_READ]) *of = (lia_kind_rights){.number = of->number};
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

static const lia_kind_rights *rights_of(const lia_rights *rights, uint32_t number)
{
    for (size_t i = 0; i < rights->count; i++)
        if (rights->kinds[i].number == number) return &rights->kinds[i];
    return NULL;
}

Access__Scope lia_rights_scope(const lia_rights *rights, lia_action action, const lia_kind *kind)
{
    if (kind->secret) return ACCESS__SCOPE__SCOPE_NONE;
    if (rights->administrator) return ACCESS__SCOPE__SCOPE_ALL;
    const lia_kind_rights *found = rights_of(rights, kind->number);
    return found ? (Access__Scope)found->scopes[action] : ACCESS__SCOPE__SCOPE_NONE;
}

const lia_kind *lia_rights_kind(const lia_rights *rights, uint32_t number)
{
    const lia_kind *kind = lia_kind_find(number);
    if (!kind || kind->secret) return NULL;
    if (rights->administrator) return kind;
    const lia_kind_rights *found = rights_of(rights, kind->number);
    return found ? found->seen : NULL;
}

bool lia_rights_whole(const lia_rights *rights, uint32_t number)
{
    const lia_kind *kind = lia_kind_find(number);
    if (!kind || kind->secret) return false;
    if (rights->administrator) return true;
    const lia_kind_rights *found = rights_of(rights, number);
    return found && found->seen && found->whole;
}

/* ---- checking a role ------------------------------------------------------------------------- */

static lia_err check_grants(const Access__Role *role, lia_why *why)
{
    for (size_t i = 0; i < role->n_grants; i++) {
        const char *name = role->grants[i]->kind;
        const lia_kind *kind = name ? lia_kind_by_name(lia_span_text(name)) : NULL;
        if (name && !strcmp(name, "*")) continue;
        if (!kind || kind->secret)
            return lia_why_set(why, LIA_EINVAL, "grants[%zu].kind: no kind '%.60s'", i,
                               name ? name : "");
    }
    return LIA_OK;
}

static bool holds_together(const lia_kind *kind, const lia_field *field)
{
    return field == kind->customer || field == kind->archived;
}

static lia_err check_paths(const char *member, const char *const *paths, size_t count, bool hides,
                           lia_why *why)
{
    for (size_t i = 0; i < count; i++) {
        const lia_kind *kind = NULL;
        const lia_field *field = find_field(paths[i], &kind);
        if (!field)
            return lia_why_set(why, LIA_EINVAL,
                               "%s[%zu]: no field '%.100s'; customer.note, for "
                               "example",
                               member, i, paths[i]);
        if (hides && holds_together(kind, field))
            return lia_why_set(why, LIA_EINVAL, "%s[%zu]: %s.%s cannot be hidden", member, i,
                               kind->name, field->name);
    }
    return LIA_OK;
}

lia_err lia_role_check(const Access__Role *role, lia_why *why)
{
    lia_err err = check_grants(role, why);
    if (!err) err = check_paths("hidden", role->hidden, role->n_hidden, true, why);
    if (!err) err = check_paths("locked", role->locked, role->n_locked, false, why);
    return err;
}
