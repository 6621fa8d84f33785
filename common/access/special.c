/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/special.h"

#include "common/wire/unpack.h"
#include "proto/access.pb-c.h"
#include "proto/collab.pb-c.h"
#include "proto/crm.pb-c.h"

#define TEAM_DEPTH_MAX 64

bool lia_is_special(uint32_t kind)
{
    switch (kind) {
    case LIA_SAVED_VIEW:
    case LIA_FAVOURITE:
    case LIA_COMMENT:
    case LIA_FOLLOW:
    case LIA_NOTICE:
    case LIA_NOTICE_SETTINGS:
    case LIA_PREFERENCES:
    case LIA_PAGE_LAYOUT:
        return true;
    default:
        return false;
    }
}

Access__Scope lia_special_scope(uint32_t kind, lia_action action)
{
    bool reads = action == LIA_ACTION_READ || action == LIA_ACTION_EXPORT;
    if (kind == LIA_PAGE_LAYOUT)
        return reads ? ACCESS__SCOPE__SCOPE_ALL : ACCESS__SCOPE__SCOPE_NONE;
    bool others = kind == LIA_SAVED_VIEW || kind == LIA_COMMENT;
    return others ? ACCESS__SCOPE__SCOPE_SUBTREE : ACCESS__SCOPE__SCOPE_OWN;
}

static lia_id id_of(protobuf_c_boolean has, ProtobufCBinaryData bytes)
{
    return has ? lia_id_from(lia_span_make(bytes.data, bytes.len)) : LIA_ID_NONE;
}

/* ---- one person's ---------------------------------------------------------------------------- */

/* Whoever makes one need not say that it is theirs. */
static bool is_own(const lia_principal *who, lia_id owner, lia_action action)
{
    if (lia_id_is_none(owner)) return action == LIA_ACTION_CREATE;
    return lia_id_equal(owner, lia_principal_user(who));
}

/* ---- comments -------------------------------------------------------------------------------- */

static lia_err may_comment(const lia_principal *who, const lia_rows *rows, lia_action action,
                           const Collab__Comment *comment, lia_arena *arena, bool *allowed)
{
    const lia_kind *of = comment->of ? lia_kind_by_plural(lia_span_text(comment->of)) : NULL;
    lia_id author = id_of(comment->has_author, comment->author);
    bool changes = action == LIA_ACTION_CHANGE || action == LIA_ACTION_ARCHIVE;
    *allowed = false;
    if (!of || lia_is_special(of->number)) return LIA_OK;
    if (changes && !lia_id_equal(author, lia_principal_user(who))) return LIA_OK;
    return lia_principal_reaches(who, rows, LIA_ACTION_READ, of,
                                 id_of(comment->has_record, comment->record), arena, allowed);
}

/* ---- saved views ----------------------------------------------------------------------------- */

static lia_err team_of(const lia_rows *rows, lia_id user, lia_arena *arena, lia_id *team)
{
    ProtobufCMessage *message;
    lia_err err = lia_record_read(rows, LIA_USER, user, arena, &message);
    const Crm__User *record = (const Crm__User *)message;
    *team = !err && record ? id_of(record->has_team, record->team) : LIA_ID_NONE;
    return err;
}

static lia_err is_in_or_below(const lia_rows *rows, lia_id team, lia_id above, lia_arena *arena,
                              bool *out)
{
    *out = false;
    if (lia_id_is_none(above)) return LIA_OK;
    for (int depth = 0; depth < TEAM_DEPTH_MAX && !lia_id_is_none(team); depth++) {
        ProtobufCMessage *message;
        *out = lia_id_equal(team, above);
        if (*out) return LIA_OK;
        lia_err err = lia_record_read(rows, LIA_TEAM, team, arena, &message);
        if (err) return err;
        const Access__Team *record = (const Access__Team *)message;
        team = record ? id_of(record->has_parent, record->parent) : LIA_ID_NONE;
    }
    return LIA_OK;
}

static lia_err may_view(const lia_principal *who, const lia_rows *rows, lia_action action,
                        const Collab__SavedView *view, lia_arena *arena, bool *allowed)
{
    lia_id owner = id_of(view->has_owner, view->owner), theirs, own;
    *allowed = is_own(who, owner, action);
    if (*allowed || (action != LIA_ACTION_READ && action != LIA_ACTION_EXPORT)) return LIA_OK;
    *allowed = view->sharing == COLLAB__SHARING__SHARING_ALL;
    if (view->sharing != COLLAB__SHARING__SHARING_TEAM || lia_id_is_none(owner)) return LIA_OK;
    lia_err err = team_of(rows, owner, arena, &theirs);
    if (!err) err = team_of(rows, lia_principal_user(who), arena, &own);
    return err ? err : is_in_or_below(rows, own, theirs, arena, allowed);
}

/* ---- all ------------------------------------------------------------------------------------- */

lia_err lia_special_may(const lia_principal *who, const lia_rows *rows, lia_action action,
                        const lia_kind *kind, lia_span message, lia_arena *arena, bool *allowed)
{
    bool read = kind->number == LIA_COMMENT || kind->number == LIA_SAVED_VIEW;
    *allowed = false;
    if (!read) {
        *allowed = is_own(who, lia_reference_in(message, lia_owner_field(kind)), action);
        return LIA_OK;
    }
    const ProtobufCMessage *record = lia_unpack(kind->message->descriptor, message, arena);
    if (!record) return arena->exhausted ? LIA_EFULL : LIA_ECORRUPT;
    if (kind->number == LIA_COMMENT)
        return may_comment(who, rows, action, (const Collab__Comment *)record, arena, allowed);
    return may_view(who, rows, action, (const Collab__SavedView *)record, arena, allowed);
}
