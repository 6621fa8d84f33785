/* SPDX-License-Identifier: Apache-2.0 */
#include "common/collab/notice.h"

#include "common/access/principal.h"
#include "common/access/secrets.h"
#include "common/mail/mail.h"
#include "common/node/fields.h"
#include "common/node/index_walk.h"
#include "proto/crm.pb-c.h"

#define TEXT_MAX 300
/* Most that one :markAllRead marks; told as many times as it takes. */
#define READ_MAX 500

static const lia_refusal_text NOT_A_USER[1] = {
    {"not-a-user",
     "Only somebody who has signed in has notices, preferences and what they follow."}};
static const lia_refusal_text NOT_YOURS[1] = {{"not-yours", "The notice is somebody else's."}};

static const char *const reasons[] = {"mention", "comment", "assigned", "changed", "automation"};

const char *lia_notice_reason_name(Collab__NoticeReason reason)
{
    return (size_t)reason < LIA_COUNT(reasons) ? reasons[reason] : NULL;
}

/* ---- who ------------------------------------------------------------------------------------- */

lia_err lia_collab_actor(lia_turn *turn, uint32_t actor, lia_id *user)
{
    *user = LIA_ID_NONE;
    return actor ? lia_user_by_number(lia_turn_rows(turn), actor, user) : LIA_OK;
}

lia_err lia_collab_person(lia_turn *turn, lia_id *user)
{
    lia_err err = lia_collab_actor(turn, turn->actor, user);
    return !err && lia_id_is_none(*user) ? lia_refuse(turn, NOT_A_USER) : err;
}

/* A text must not tell what a record does not. */
static lia_err may_know(lia_turn *turn, lia_id user, const lia_news *news, bool *out)
{
    lia_principal *who;
    *out = false;
    lia_err err = lia_principal_load(&who, lia_turn_rows(turn), user, turn->arena);
    if (err) return err == LIA_EDENIED ? LIA_OK : err; /* archived: nobody to tell */
    *out = true;
    if (!news->kind) return LIA_OK;
    return lia_principal_reaches(who, lia_turn_rows(turn), LIA_ACTION_READ, news->kind,
                                 news->record, turn->arena, out);
}

lia_err lia_collab_changed(lia_turn *turn, uint16_t kind, lia_id id)
{
    Crm__RecordChanged fact = CRM__RECORD_CHANGED__INIT;
    LIA_SET(&fact, kind, kind);
    LIA_SET_ID(&fact, record, &id);
    return lia_tell(turn, &fact);
}

/* ---- settings -------------------------------------------------------------------------------- */

static lia_id settings_id(lia_id user)
{
    return lia_id_derive("collab.settings", lia_id_span(&user));
}

static const Collab__NoticeWay *find_way(const Collab__NoticeSettings *settings, const char *reason)
{
    for (size_t i = 0; i < settings->n_ways; i++)
        if (settings->ways[i]->reason && !strcmp(settings->ways[i]->reason, reason))
            return settings->ways[i];
    return NULL;
}

static lia_err read_way(lia_turn *turn, lia_id user, const char *reason, bool *here, bool *mail)
{
    Collab__NoticeSettings *settings;
    *here = true;
    *mail = false;
    lia_err err = lia_load(turn, LIA_NOTICE_SETTINGS, settings_id(user), &settings);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    const Collab__NoticeWay *way = find_way(settings, reason);
    if (way && way->has_here) *here = way->here;
    if (way && way->has_mail) *mail = way->mail;
    return LIA_OK;
}

static bool is_reason(const char *name)
{
    for (size_t i = 0; i < LIA_COUNT(reasons); i++)
        if (!strcmp(reasons[i], name)) return true;
    return false;
}

lia_err lia_notice_set_way(lia_turn *turn, const void *request)
{
    const Collab__SetNoticeWay *ask = request;
    Collab__NoticeSettings fresh = COLLAB__NOTICE_SETTINGS__INIT, *settings = &fresh;
    Collab__NoticeWay *way = lia_arena_take(turn->arena, sizeof *way);
    lia_id user, id;
    if (!is_reason(ask->reason))
        return lia_turn_fail(turn, LIA_EINVAL,
                             "reason: mention, comment, assigned, changed or automation is wanted");
    lia_err err = lia_collab_person(turn, &user);
    if (err) return err;
    if (!way) return LIA_EFULL;
    id = settings_id(user);
    err = lia_load(turn, LIA_NOTICE_SETTINGS, id, &settings);
    if (err && err != LIA_EABSENT) return err;
    if (err) settings = &fresh;
    LIA_SET_ID(settings, owner, &user);

    Collab__NoticeWay **ways = lia_arena_take(turn->arena, (settings->n_ways + 1) * sizeof *ways);
    if (!ways) return LIA_EFULL;
    const Collab__NoticeWay *before = find_way(settings, ask->reason);
    collab__notice_way__init(way);
    if (before) *way = *before;
    way->reason = ask->reason;
    if (ask->has_here) LIA_SET(way, here, ask->here);
    if (ask->has_mail) LIA_SET(way, mail, ask->mail);
    size_t count = 0;
    for (size_t i = 0; i < settings->n_ways; i++)
        if (settings->ways[i] != before) ways[count++] = settings->ways[i];
    ways[count++] = way;
    settings->ways = ways;
    settings->n_ways = count;
    err = lia_record(turn, LIA_NOTICE_SETTINGS, id, settings);
    if (!err) err = lia_collab_changed(turn, LIA_NOTICE_SETTINGS, id);
    if (!err) lia_turn_answer(turn, LIA_NOTICE_SETTINGS, id);
    return err;
}

/* ---- giving ---------------------------------------------------------------------------------- */

/* At most TEXT_MAX bytes, not cut within a character. */
static const char *shortened(lia_turn *turn, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size <= TEXT_MAX) return text;
    size = TEXT_MAX;
    while (size && ((uint8_t)text[size] & 0xC0) == 0x80) size--;
    return lia_arena_text(turn->arena, "%.*s\xe2\x80\xa6", (int)size, text);
}

static lia_err record_notice(lia_turn *turn, lia_id id, lia_id user, const lia_news *news)
{
    Collab__Notice notice = COLLAB__NOTICE__INIT;
    Collab__NoticeGiven fact = COLLAB__NOTICE_GIVEN__INIT;
    LIA_SET_ID(&notice, owner, &user);
    LIA_SET(&notice, reason, news->reason);
    if (news->kind) {
        notice.of = news->kind->plural;
        LIA_SET_ID(&notice, record, &news->record);
    }
    if (!lia_id_is_none(news->customer)) LIA_SET_ID(&notice, customer, &news->customer);
    if (!lia_id_is_none(news->by)) LIA_SET_ID(&notice, by, &news->by);
    notice.text = shortened(turn, news->text);
    LIA_SET(&notice, at, turn->now.ms);
    lia_err err = lia_record(turn, LIA_NOTICE, id, &notice);
    LIA_SET_ID(&fact, owner, &user);
    LIA_SET(&fact, reason, news->reason);
    return err ? err : lia_tell(turn, &fact);
}

static const char *subject_of(Collab__NoticeReason reason)
{
    static const char *const subjects[] = {
        "You were mentioned", "A new comment", "Something is yours now",
        "Something that you follow was changed", "A rule tells you"};
    return (size_t)reason < LIA_COUNT(subjects) ? subjects[reason] : "A notice";
}

static lia_err mail_notice(lia_turn *turn, lia_id id, lia_id user, const lia_news *news)
{
    Crm__User *record;
    lia_err err = lia_load(turn, LIA_USER, user, &record);
    if (err || lia_text_is_empty(record->email)) return err == LIA_EABSENT ? LIA_OK : err;
    char *text = lia_arena_text(turn->arena, "%s\n\nSign in to Liaison to see it.\n", news->text);
    if (!text) return LIA_EFULL;
    const lia_mail_draft draft = {.to = record->email,
                                  .to_name = record->name,
                                  .subject = subject_of(news->reason),
                                  .text = text,
                                  .purpose = "notice",
                                  .customer = news->customer};
    err = lia_mail_queue(turn, lia_id_derive("collab.mail", lia_id_span(&id)), &draft);
    return err == LIA_EINVAL ? LIA_OK : err; /* an address that no mail can go to */
}

lia_err lia_notice_give(lia_turn *turn, lia_id user, const lia_news *news)
{
    bool knows, here, mail;
    uint8_t seed[2 * LIA_ID_SIZE];
    Collab__Notice *there;
    memcpy(seed, user.bytes, LIA_ID_SIZE);
    memcpy(seed + LIA_ID_SIZE, news->key.bytes, LIA_ID_SIZE);
    lia_id id = lia_id_derive("collab.notice", LIA_SPAN_OF(seed));
    lia_err err = lia_load(turn, LIA_NOTICE, id, &there);
    if (err != LIA_EABSENT) return err; /* told before */
    err = may_know(turn, user, news, &knows);
    if (!err) err = read_way(turn, user, lia_notice_reason_name(news->reason), &here, &mail);
    if (err || !knows) return err;
    if (here) err = record_notice(turn, id, user, news);
    if (!err && mail) err = mail_notice(turn, id, user, news);
    return err;
}

lia_err lia_notice_take(lia_turn *turn, const lia_parcel *parcel)
{
    lia_id user;
    lia_err err = lia_id_parse(lia_span_text(parcel->to), &user) ? LIA_EABSENT : LIA_OK;
    if (err)
        err = lia_user_by_email(lia_turn_rows(turn), lia_span_text(parcel->to), turn->arena, &user);
    if (err) return err;
    Crm__User *record;
    if (lia_id_is_none(user) || lia_load(turn, LIA_USER, user, &record))
        return lia_turn_fail(turn, LIA_EINVAL, "to: there is no user '%s'", parcel->to);
    const lia_news news = {.key = parcel->key,
                           .reason = COLLAB__NOTICE_REASON__NOTICE_REASON_AUTOMATION,
                           .kind = parcel->kind ? lia_kind_find(parcel->kind) : NULL,
                           .record = parcel->record,
                           .customer = parcel->customer,
                           .text = parcel->text      ? parcel->text
                                   : parcel->subject ? parcel->subject
                                                     : parcel->from};
    return lia_notice_give(turn, user, &news);
}

/* ---- having read ----------------------------------------------------------------------------- */

static lia_err load_own(lia_turn *turn, ProtobufCBinaryData named, lia_id *id, Collab__Notice **out)
{
    lia_id user;
    *id = lia_id_in(named);
    lia_err err = lia_collab_person(turn, &user);
    if (!err) err = lia_load(turn, LIA_NOTICE, *id, out);
    if (err) return err;
    return lia_id_equal(lia_id_in((*out)->owner), user) ? LIA_OK : lia_refuse(turn, NOT_YOURS);
}

static lia_err change(lia_turn *turn, lia_id id, const Collab__Notice *notice)
{
    lia_err err = lia_record(turn, LIA_NOTICE, id, notice);
    if (!err) err = lia_collab_changed(turn, LIA_NOTICE, id);
    if (!err) lia_turn_answer(turn, LIA_NOTICE, id);
    return err;
}

lia_err lia_notice_read(lia_turn *turn, const void *request)
{
    const Collab__ReadNotice *ask = request;
    lia_id id;
    Collab__Notice *notice;
    lia_err err = load_own(turn, ask->id, &id, &notice);
    if (err) return err;
    if (!notice->has_read_at) LIA_SET(notice, read_at, turn->now.ms);
    LIA_CLEAR(notice, snoozed_until);
    return change(turn, id, notice);
}

lia_err lia_notice_snooze(lia_turn *turn, const void *request)
{
    const Collab__SnoozeNotice *ask = request;
    lia_id id;
    Collab__Notice *notice;
    lia_err err = load_own(turn, ask->id, &id, &notice);
    if (err) return err;
    if (ask->until <= turn->now.ms)
        return lia_turn_fail(turn, LIA_EINVAL, "until: is not in the future");
    LIA_SET(notice, snoozed_until, ask->until);
    LIA_CLEAR(notice, read_at);
    return change(turn, id, notice);
}

/* The unread ones, from the index of their owner. */
static lia_err find_unread(lia_turn *turn, lia_id user, int64_t before, lia_id *ids, size_t *count)
{
    const lia_rows *rows = lia_turn_rows(turn);
    lia_index_walk walk;
    *count = 0;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_NOTICE, "owner", lia_id_span(&user));
    if (err) return err;
    while (!err && *count < READ_MAX && lia_index_walk_next(&walk, &ids[*count])) {
        ProtobufCMessage *message;
        size_t mark = lia_arena_mark(turn->arena);
        err = lia_record_read(rows, LIA_NOTICE, ids[*count], turn->arena, &message);
        const Collab__Notice *notice = (const Collab__Notice *)message;
        *count += !err && notice && !notice->has_read_at && notice->at <= before;
        lia_arena_back(turn->arena, mark);
    }
    return lia_index_walk_close(&walk, err);
}

lia_err lia_notice_read_all(lia_turn *turn, const void *request)
{
    const Collab__ReadAllNotices *ask = request;
    static _Thread_local lia_id ids[READ_MAX];
    size_t count;
    lia_id user;
    lia_err err = lia_collab_person(turn, &user);
    if (!err)
        err = find_unread(turn, user, ask->has_before ? ask->before : turn->now.ms, ids, &count);
    if (err || !count) return err;
    for (size_t i = 0; i < count && !err; i++) {
        Collab__Notice *notice;
        err = lia_load(turn, LIA_NOTICE, ids[i], &notice);
        if (err) break;
        LIA_SET(notice, read_at, turn->now.ms);
        err = lia_record(turn, LIA_NOTICE, ids[i], notice);
        if (!err) err = lia_collab_changed(turn, LIA_NOTICE, ids[i]);
    }
    return err;
}
