/* SPDX-License-Identifier: Apache-2.0 */
#include "common/collab/alert.h"

#include "common/access/principal.h"
#include "common/collab/notice.h"
#include "common/node/fields.h"
#include "proto/automation.pb-c.h"
#include "proto/hooks.pb-c.h"

/* Most administrators that are told. */
#define TOLD_MAX 200

/* ---- whom ------------------------------------------------------------------------------------ */

/* Users who may do everything. */
static lia_err find_administrators(lia_turn *turn, lia_id users[TOLD_MAX], size_t *count)
{
    lia_scan *scan;
    lia_span key, row;
    lia_record_key read;
    lia_key prefix = lia_key_kind(LIA_USER);
    *count = 0;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && *count < TOLD_MAX && lia_scan_next(scan, &key, &row)) {
        lia_principal *who = NULL;
        if (!lia_record_key_read(key, &read) || read.tag != LIA_TAG_STATE) continue;
        size_t mark = lia_arena_mark(turn->arena);
        err = lia_principal_load(&who, lia_turn_rows(turn), read.id, turn->arena);
        if (who && lia_principal_rights(who)->administrator) users[(*count)++] = read.id;
        if (err == LIA_EDENIED) err = LIA_OK;
        lia_arena_back(turn->arena, mark);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err tell_administrators(lia_turn *turn, const lia_news *news)
{
    lia_id users[TOLD_MAX];
    size_t count;
    lia_err err = find_administrators(turn, users, &count);
    for (size_t i = 0; i < count && !err; i++) err = lia_notice_give(turn, users[i], news);
    return err;
}

/* ---- a webhook ------------------------------------------------------------------------------- */

lia_err lia_alert_stopped(lia_turn *turn, const lia_occurrence *seen)
{
    const lia_event *event = seen->event;
    const Hooks__WebhookStopped *fact = seen->fact;
    Hooks__Webhook *hook;
    if (!fact || event->header.node != turn->node || event->erased) return LIA_OK;
    lia_id id = lia_id_in(fact->webhook);
    lia_err err = lia_load(turn, LIA_WEBHOOK, id, &hook);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    char *text = lia_arena_text(turn->arena, "The webhook '%s' was stopped: %s", hook->name,
                                fact->reason ? fact->reason : "no reason was given");
    if (!text) return LIA_EFULL;
    uint8_t place[8 + 8 + 2];
    lia_put_u64(place, event->header.incarnation);
    lia_put_u64(place + 8, event->header.seq);
    lia_put_u16(place + 16, event->header.node);
    const lia_news news = {.key = lia_id_derive("collab.news", LIA_SPAN_OF(place)),
                           .reason = COLLAB__NOTICE_REASON__NOTICE_REASON_AUTOMATION,
                           .kind = lia_kind_find(LIA_WEBHOOK),
                           .record = id,
                           .text = text};
    if (hook->has_owner) return lia_notice_give(turn, lia_id_in(hook->owner), &news);
    return tell_administrators(turn, &news);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static lia_err load_run(lia_turn *turn, lia_id id, Automation__Run **out)
{
    *out = NULL;
    lia_err err = lia_load(turn, LIA_RUN, id, out);
    return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
}

static lia_id definition_of(const Automation__Run *run)
{
    return lia_id_in(run->has_rule ? run->rule : run->flow);
}

lia_err lia_alert_failed(lia_turn *turn, const lia_occurrence *seen)
{
    Automation__Run *run;
    const Automation__RunFailed *fact = seen->fact;
    if (!fact || seen->event->header.node != turn->node || seen->event->erased) return LIA_OK;
    lia_id id = lia_id_in(fact->run);
    lia_err err = load_run(turn, id, &run);
    if (err || !run) return err;
    /* The end of the ten seconds under way, so that what fails meanwhile does not put it off. */
    int64_t due = (turn->now.ms / LIA_ALERT_EVERY_MS + 1) * LIA_ALERT_EVERY_MS;
    return lia_job_set(turn, LIA_ALERT_JOB, definition_of(run), (lia_time){due}, lia_id_span(&id));
}

/* Of a definition and a day. */
static lia_id key_of(lia_id definition, lia_time now)
{
    uint8_t seed[LIA_ID_SIZE + 8];
    memcpy(seed, definition.bytes, LIA_ID_SIZE);
    lia_put_u64(seed + LIA_ID_SIZE, (uint64_t)(now.ms / (int64_t)LIA_DAY_MS));
    return lia_id_derive("collab.failed", LIA_SPAN_OF(seed));
}

lia_err lia_alert_run(lia_turn *turn, lia_id definition, lia_span payload)
{
    Automation__Run *run;
    lia_id id = lia_id_from(payload);
    lia_err err = load_run(turn, id, &run);
    if (err || !run || run->state != AUTOMATION__RUN_STATE__RUN_STATE_FAILED) return err;
    const char *text = lia_arena_text(
        turn->arena, "'%s' failed at its step '%s': %s. It can be tried again there.",
        run->name ? run->name : "A rule", run->at ? run->at : "",
        run->reason ? run->reason : "no reason was given");
    if (!text) return LIA_EFULL;
    const lia_news news = {.key = key_of(definition, turn->now),
                           .reason = COLLAB__NOTICE_REASON__NOTICE_REASON_AUTOMATION,
                           .kind = lia_kind_find(LIA_RUN),
                           .record = id,
                           .customer = run->has_customer ? lia_id_in(run->customer) : LIA_ID_NONE,
                           .text = text};
    return tell_administrators(turn, &news);
}
