/* SPDX-License-Identifier: Apache-2.0 */
#include "common/collab/comment.h"

#include "common/access/special.h"
#include "common/collab/notice.h"
#include "common/node/fields.h"
#include "common/node/index_walk.h"
#include "common/wire/filter.h"
#include "common/wire/pb.h"
#include "proto/crm.pb-c.h"

#define MENTIONS_MAX 50

static const lia_refusal_text SIGN_IN_FIRST[1] = {
    {"sign-in-first", "Only somebody who has signed in can follow records."}};

/* ---- what is talked about -------------------------------------------------------------------- */

lia_err lia_topic_load(lia_turn *turn, const char *plural, lia_id record, lia_topic *out)
{
    lia_pb_field title;
    lia_span message;
    const lia_kind *kind = lia_kind_by_plural(lia_span_text(plural));
    if (!kind || lia_is_special(kind->number))
        return lia_turn_fail(turn, LIA_EINVAL, "of: '%s' is no kind that people talk about",
                             plural);
    lia_err err = lia_rows_message(lia_turn_rows(turn), kind, record, turn->arena, &message, NULL);
    if (err) return err;
    *out = (lia_topic){.kind = kind, .record = record, .title = ""};
    out->customer =
        kind->number == LIA_CUSTOMER ? record : lia_reference_in(message, kind->customer);
    out->owner = lia_reference_in(message, lia_owner_field(kind));
    if (kind->title && lia_pb_find(message, kind->title->number, &title)) {
        lia_span kept = lia_arena_copy(turn->arena, title.bytes);
        if (!kept.data) return LIA_EFULL;
        out->title = (const char *)kept.data;
    }
    return LIA_OK;
}

/* ---- comments -------------------------------------------------------------------------------- */

static lia_err mentioned_exist(lia_turn *turn, const Collab__Comment *comment)
{
    if (comment->n_mentions > MENTIONS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "mentions: at most %d people", MENTIONS_MAX);
    for (size_t i = 0; i < comment->n_mentions; i++) {
        Crm__User *user;
        lia_err err = lia_load(turn, LIA_USER, lia_id_in(comment->mentions[i]), &user);
        if (err == LIA_EABSENT)
            return lia_turn_fail(turn, LIA_EINVAL, "mentions[%zu]: there is no such user", i);
        if (err) return err;
    }
    return LIA_OK;
}

/* Who writes is whoever has signed in; whom it is about follows from the record. */
lia_err lia_comment_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id;
    const Collab__Comment *old = before;
    Collab__Comment *comment = after;
    lia_topic topic;
    lia_id author;
    if (lia_text_is_empty(comment->text))
        return lia_turn_fail(turn, LIA_EINVAL, "text: must not be empty");
    if (old) {
        comment->of = old->of;
        comment->has_record = old->has_record;
        comment->record = old->record;
        LIA_SET(comment, edited_at, turn->now.ms);
        return mentioned_exist(turn, comment);
    }
    lia_err err = lia_topic_load(turn, comment->of, lia_id_in(comment->record), &topic);
    if (err == LIA_EABSENT || err == LIA_EGONE)
        return lia_turn_fail(turn, LIA_EINVAL, "record: there is no such record");
    if (!err) err = mentioned_exist(turn, comment);
    if (!err) err = lia_collab_actor(turn, turn->actor, &author);
    if (err) return err;
    if (!lia_id_is_none(topic.customer))
        LIA_SET(comment, customer, lia_id_keep(turn->arena, topic.customer));
    if (!lia_id_is_none(author)) LIA_SET(comment, author, lia_id_keep(turn->arena, author));
    return LIA_OK;
}

/* ---- followers ------------------------------------------------------------------------------- */

lia_err lia_follow_set(lia_turn *turn, const void *request)
{
    const Collab__SetFollow *ask = request;
    Collab__Follow follow = COLLAB__FOLLOW__INIT;
    Crm__RecordChanged fact = CRM__RECORD_CHANGED__INIT;
    uint8_t seed[2 * LIA_ID_SIZE];
    lia_id user, record = lia_id_in(ask->record);
    lia_topic topic;
    lia_err err = lia_collab_actor(turn, turn->actor, &user);
    if (!err && lia_id_is_none(user)) return lia_refuse(turn, SIGN_IN_FIRST);
    if (!err) err = lia_topic_load(turn, ask->of, record, &topic);
    if (err == LIA_EABSENT || err == LIA_EGONE)
        return lia_turn_fail(turn, LIA_EINVAL, "record: there is no such record");
    if (err) return err;
    memcpy(seed, user.bytes, LIA_ID_SIZE);
    memcpy(seed + LIA_ID_SIZE, record.bytes, LIA_ID_SIZE);
    lia_id id = lia_id_derive("collab.follow", LIA_SPAN_OF(seed));
    follow.of = ask->of;
    LIA_SET_ID(&follow, record, &record);
    LIA_SET_ID(&follow, owner, &user);
    LIA_SET(&follow, on, !ask->has_on || ask->on);
    if (!lia_id_is_none(topic.customer)) LIA_SET_ID(&follow, customer, &topic.customer);
    err = lia_record(turn, LIA_FOLLOW, id, &follow);
    LIA_SET(&fact, kind, LIA_FOLLOW);
    LIA_SET_ID(&fact, record, &id);
    if (!err) err = lia_tell(turn, &fact);
    if (!err) lia_turn_answer(turn, LIA_FOLLOW, id);
    return err;
}

lia_err lia_followers(lia_turn *turn, lia_id record, lia_id *users, size_t max, size_t *count)
{
    const lia_rows *rows = lia_turn_rows(turn);
    lia_index_walk walk;
    lia_id id;
    *count = 0;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_FOLLOW, "record", lia_id_span(&record));
    if (err) return err;
    while (!err && *count < max && lia_index_walk_next(&walk, &id)) {
        ProtobufCMessage *message;
        size_t mark = lia_arena_mark(turn->arena);
        err = lia_record_read(rows, LIA_FOLLOW, id, turn->arena, &message);
        const Collab__Follow *follow = (const Collab__Follow *)message;
        if (!err && follow && follow->on) users[(*count)++] = lia_id_in(follow->owner);
        lia_arena_back(turn->arena, mark);
    }
    return lia_index_walk_close(&walk, err);
}

/* ---- what people keep ------------------------------------------------------------------------ */

lia_err lia_favourite_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id, (void)before;
    Collab__Favourite *favourite = after;
    lia_id user;
    if (!favourite->path || favourite->path[0] != '/' || favourite->path[1] == '/')
        return lia_turn_fail(turn, LIA_EINVAL,
                             "path: a place within the app is wanted, as in /customers");
    if (favourite->has_owner) return LIA_OK;
    lia_err err = lia_collab_actor(turn, turn->actor, &user);
    if (!err && !lia_id_is_none(user)) LIA_SET(favourite, owner, lia_id_keep(turn->arena, user));
    return err;
}

/* A view that cannot be shown is not kept. */
lia_err lia_view_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id, (void)before;
    Collab__SavedView *view = after;
    lia_id user;
    const lia_kind *kind = view->of ? lia_kind_by_plural(lia_span_text(view->of)) : NULL;
    if (!kind)
        return lia_turn_fail(turn, LIA_EINVAL, "of: there is no kind '%s'",
                             view->of ? view->of : "");
    if (!lia_text_is_empty(view->filter)) {
        lia_filter *filter;
        lia_why why = {{0}};
        lia_err err =
            lia_filter_parse(&filter, kind, lia_span_text(view->filter), turn->arena, &why);
        if (err) return lia_turn_fail(turn, err, "filter: %s", why.text);
    }
    if (view->has_owner) return LIA_OK;
    lia_err err = lia_collab_actor(turn, turn->actor, &user);
    if (!err && !lia_id_is_none(user)) LIA_SET(view, owner, lia_id_keep(turn->arena, user));
    return err;
}
