/* SPDX-License-Identifier: Apache-2.0 */
/* What happens is told to whom it concerns: by the node where it happened, in the commit in which
 * it looks at the event, so once. */
#include "common/collab/collab.h"

#include "common/access/principal.h"
#include "common/access/special.h"
#include "common/collab/alert.h"
#include "common/collab/comment.h"
#include "common/collab/layout.h"
#include "common/collab/letter.h"
#include "common/collab/notice.h"
#include "common/collab/preference.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

/* Most people that one event is told to. */
#define TOLD_MAX 200

/* ---- whom it concerns ------------------------------------------------------------------------ */

typedef struct people {
    lia_id ids[TOLD_MAX];
    size_t count;
} people;

/* False: told already, or nobody. */
static bool meet(people *told, lia_id user)
{
    if (lia_id_is_none(user) || told->count == TOLD_MAX) return false;
    for (size_t i = 0; i < told->count; i++)
        if (lia_id_equal(told->ids[i], user)) return false;
    told->ids[told->count++] = user;
    return true;
}

static lia_err tell_one(lia_turn *turn, people *told, lia_id user, lia_news news,
                        Collab__NoticeReason reason)
{
    if (!meet(told, user)) return LIA_OK;
    news.reason = reason;
    return lia_notice_give(turn, user, &news);
}

static lia_err tell_followers(lia_turn *turn, people *told, const lia_news *news,
                              Collab__NoticeReason reason)
{
    size_t count;
    lia_id *users = lia_arena_take(turn->arena, TOLD_MAX * sizeof *users);
    if (!users) return LIA_EFULL;
    lia_err err = lia_followers(turn, news->record, users, TOLD_MAX, &count);
    for (size_t i = 0; i < count && !err; i++) err = tell_one(turn, told, users[i], *news, reason);
    return err;
}

/* ---- a comment ------------------------------------------------------------------------------- */

static lia_err tell_comment(lia_turn *turn, people *told, lia_news *news, lia_id id)
{
    Collab__Comment *comment;
    lia_topic topic;
    lia_err err = lia_load(turn, LIA_COMMENT, id, &comment);
    if (!err) err = lia_topic_load(turn, comment->of, lia_id_in(comment->record), &topic);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    news->kind = topic.kind;
    news->record = topic.record;
    news->customer = topic.customer;
    news->text = comment->text;
    for (size_t i = 0; i < comment->n_mentions && !err; i++)
        err = tell_one(turn, told, lia_id_in(comment->mentions[i]), *news,
                       COLLAB__NOTICE_REASON__NOTICE_REASON_MENTION);
    if (!err)
        err =
            tell_one(turn, told, topic.owner, *news, COLLAB__NOTICE_REASON__NOTICE_REASON_COMMENT);
    return err ? err
               : tell_followers(turn, told, news, COLLAB__NOTICE_REASON__NOTICE_REASON_COMMENT);
}

/* ---- a record -------------------------------------------------------------------------------- */

static lia_err tell_record(lia_turn *turn, people *told, lia_news *news, const lia_op *op,
                           bool is_new)
{
    const lia_kind *kind = lia_kind_find(op->kind);
    lia_topic topic;
    if (!kind || kind->secret || kind->internal || lia_is_special(kind->number)) return LIA_OK;
    lia_id owner = lia_reference_in(op->set, lia_owner_field(kind)); /* that this write made */
    if (lia_id_is_none(owner) && is_new) return LIA_OK;              /* nobody can follow it yet */
    lia_err err = lia_topic_load(turn, kind->plural, op->record, &topic);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    news->kind = kind;
    news->record = op->record;
    news->customer = topic.customer;
    news->text = topic.title;
    err = tell_one(turn, told, owner, *news, COLLAB__NOTICE_REASON__NOTICE_REASON_ASSIGNED);
    if (err || is_new) return err;
    return tell_followers(turn, told, news, COLLAB__NOTICE_REASON__NOTICE_REASON_CHANGED);
}

/* ---- the reaction ---------------------------------------------------------------------------- */

/* What nobody asked to be told of (imports) and what comes from other nodes, who tell it
 * themselves, is passed over. */
static lia_err tell(lia_turn *turn, const lia_occurrence *seen, bool is_new)
{
    const lia_event *event = seen->event;
    if (event->header.node != turn->node || event->header.quiet || event->erased) return LIA_OK;
    people *told = lia_arena_take(turn->arena, sizeof *told);
    if (!told) return LIA_EFULL;
    told->count = 0;
    lia_id by;
    lia_err err = lia_collab_actor(turn, event->header.actor, &by);
    if (err) return err;
    meet(told, by); /* nobody is told what they did themselves */
    for (size_t i = 0; i < event->op_count && !err; i++) {
        const lia_op *op = &event->ops[i];
        uint8_t place[8 + 8 + 2 + LIA_ID_SIZE];
        lia_put_u64(place, event->header.incarnation);
        lia_put_u64(place + 8, event->header.seq);
        lia_put_u16(place + 16, event->header.node);
        memcpy(place + 18, op->record.bytes, LIA_ID_SIZE);
        lia_news news = {.key = lia_id_derive("collab.news", LIA_SPAN_OF(place)), .by = by};
        err = op->kind == LIA_COMMENT
                  ? is_new ? tell_comment(turn, told, &news, op->record) : LIA_OK
                  : tell_record(turn, told, &news, op, is_new);
    }
    return err;
}

static lia_err tell_created(lia_turn *turn, const lia_occurrence *seen)
{
    return tell(turn, seen, true);
}

static lia_err tell_changed(lia_turn *turn, const lia_occurrence *seen)
{
    return tell(turn, seen, false);
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { SEND_LINK };

static const lia_command_row commands[] = {
    [SEND_LINK] = {"access.send_link", "send", LIA_PASS, true, &collab__send_link__descriptor,
                   lia_letter_send, "Sends a link by which a user sets a password."},
    {"follow.set", "set", LIA_FOLLOW, true, &collab__set_follow__descriptor, lia_follow_set,
     "Follows a record, or does not any more."},
    {"notice.mark_read", "markRead", LIA_NOTICE, false, &collab__read_notice__descriptor,
     lia_notice_read, "Marks it as read."},
    {"notice.snooze", "snooze", LIA_NOTICE, false, &collab__snooze_notice__descriptor,
     lia_notice_snooze, "Shows it again at that time."},
    {"notice.mark_all_read", "markAllRead", LIA_NOTICE, true, &collab__read_all_notices__descriptor,
     lia_notice_read_all, "Marks one's notices as read, up to 500 at once."},
    {"notice_settings.set", "set", LIA_NOTICE_SETTINGS, true, &collab__set_notice_way__descriptor,
     lia_notice_set_way, "Says how one wants to hear of things of a reason."},
    {"preferences.set", "set", LIA_PREFERENCES, true, &collab__set_preference__descriptor,
     lia_preference_set, "Keeps how one likes something in the app, for all nodes."},
};

const lia_command_row *const lia_send_link = &commands[SEND_LINK];

static const lia_rule_row rules[] = {
    {LIA_COMMENT, lia_comment_prepare},
    {LIA_SAVED_VIEW, lia_view_prepare},
    {LIA_FAVOURITE, lia_favourite_prepare},
    {LIA_PAGE_LAYOUT, lia_layout_prepare},
};

static const lia_reactor_row reactors[] = {
    {"collab.created", LIA_RECORD_CREATED, tell_created},
    {"collab.changed", LIA_RECORD_CHANGED, tell_changed},
    {"collab.stopped", LIA_WEBHOOK_STOPPED, lia_alert_stopped},
    {"collab.failed", LIA_RUN_FAILED, lia_alert_failed},
};

static const lia_job_row jobs[] = {{LIA_ALERT_JOB, lia_alert_run, LIA_ALERT_WITHIN_MS}};

static const lia_channel_row channels[] = {
    {"notification", lia_notice_take},
};

const lia_service lia_collab = {
    .name = "collab",
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .reactors = reactors,
    .reactor_count = LIA_COUNT(reactors),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .channels = channels,
    .channel_count = LIA_COUNT(channels),
};
