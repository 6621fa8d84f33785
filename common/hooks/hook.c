/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/hook.h"

#include "common/access/secrets.h"
#include "common/hooks/address.h"
#include "common/hooks/tool.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

enum { ROTATE_HOURS = 24, ROTATE_HOURS_MAX = 24 * 30 };

static lia_id secret_id(lia_id webhook)
{
    return lia_id_derive("webhook.secret", lia_id_span(&webhook));
}

static lia_id mark_id(lia_id webhook)
{
    return lia_id_derive("webhook.mark", lia_id_span(&webhook));
}

static lia_err tell_kept(lia_turn *turn, lia_id webhook)
{
    Hooks__WebhookKept fact = HOOKS__WEBHOOK_KEPT__INIT;
    LIA_SET_ID(&fact, webhook, &webhook);
    return lia_tell(turn, &fact);
}

/* ---- rules ----------------------------------------------------------------------------------- */

lia_interest_ask lia_webhook_ask(const Hooks__Webhook *hook)
{
    return (lia_interest_ask){.topic = lia_span_text(hook->topic ? hook->topic : ""),
                              .kind = lia_span_text(hook->kind ? hook->kind : ""),
                              .fact = lia_span_text(hook->fact ? hook->fact : ""),
                              .filter = lia_span_text(hook->filter ? hook->filter : "")};
}

static lia_err check(lia_turn *turn, const Hooks__Webhook *hook)
{
    lia_why why = {{0}};
    lia_interest *interest;
    const lia_interest_ask ask = lia_webhook_ask(hook);
    lia_err err = lia_hook_url_check(hook->url ? hook->url : "", &why);
    if (!err) err = lia_interest_make(&interest, &ask, NULL, turn->arena, &why);
    if (!err && hook->has_parallel && (!hook->parallel || hook->parallel > LIA_HOOK_PARALLEL_MAX))
        err = lia_why_set(&why, LIA_EINVAL, "parallel: 1 to %d are taken", LIA_HOOK_PARALLEL_MAX);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}

static lia_err record_secret(lia_turn *turn, lia_id webhook, const Hooks__WebhookSecret *before,
                             int64_t former_until)
{
    uint8_t fresh[LIA_HOOK_SECRET_SIZE];
    Hooks__WebhookSecret secret = HOOKS__WEBHOOK_SECRET__INIT;
    lia_random(fresh, sizeof fresh);
    LIA_SET_ID(&secret, webhook, &webhook);
    LIA_SET(&secret, secret, ((ProtobufCBinaryData){sizeof fresh, fresh}));
    if (before) {
        LIA_SET(&secret, former, before->secret);
        LIA_SET(&secret, former_until, former_until);
    }
    lia_err err = lia_record(turn, LIA_WEBHOOK_SECRET, secret_id(webhook), &secret);
    return err ? err : tell_kept(turn, webhook);
}

/* The user whose number stands in event headers; none when there is nobody. Rarely asked for, so
 * that it looks at all of them. */
static lia_err find_actor(lia_turn *turn, lia_id *out)
{
    lia_scan *scan;
    lia_span key, row;
    lia_record_key read;
    const lia_rows *rows = lia_turn_rows(turn);
    lia_key prefix = lia_key_kind(LIA_USER);
    *out = LIA_ID_NONE;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_id_is_none(*out) && lia_scan_next(scan, &key, &row)) {
        ProtobufCMessage *message = NULL;
        if (!lia_record_key_read(key, &read) || read.tag != LIA_TAG_STATE) continue;
        err = lia_record_read(rows, LIA_USER, read.id, turn->arena, &message);
        if (message && ((const Crm__User *)message)->number == turn->actor) *out = read.id;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_turn_principal(lia_turn *turn, const lia_principal **out)
{
    lia_id user;
    lia_principal *who = NULL;
    *out = NULL;
    if (!turn->actor) return LIA_OK; /* the node itself, or nobody is administrator yet */
    lia_err err = find_actor(turn, &user);
    if (!err) err = lia_principal_load(&who, lia_turn_rows(turn), user, turn->arena);
    *out = who;
    return err;
}

/* Whoever is no administrator has events told by their own rights: by nobody's would be by all, and by
 * somebody else's might be by more. */
static lia_err set_owner(lia_turn *turn, Hooks__Webhook *hook)
{
    const lia_principal *who;
    lia_err err = lia_turn_principal(turn, &who);
    if (err || !who || lia_principal_rights(who)->administrator) return err;
    LIA_SET(hook, owner, lia_id_keep(turn->arena, lia_principal_user(who)));
    return LIA_OK;
}

/* The webhook's own event comes first, in the open; the secret is one of its own. */
static lia_err begin(lia_turn *turn, lia_id id, Hooks__Webhook *hook)
{
    Crm__RecordCreated fact = CRM__RECORD_CREATED__INIT;
    if (!hook->has_enabled) LIA_SET(hook, enabled, true);
    if (!hook->node) LIA_SET(hook, node, turn->node);
    LIA_SET(&fact, kind, LIA_WEBHOOK);
    LIA_SET_ID(&fact, record, &id);
    lia_err err = lia_tell(turn, &fact);
    return err ? err : record_secret(turn, id, NULL, 0);
}

static lia_err prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Hooks__Webhook *was = before;
    Hooks__Webhook *hook = after;
    lia_err err = check(turn, hook);
    if (!err) err = set_owner(turn, hook);
    if (err) return err;
    if (!was) return begin(turn, id, hook);
    if (hook->enabled && !was->enabled) {
        hook->stopped = NULL;
        LIA_CLEAR(hook, stopped_at);
    }
    return LIA_OK;
}

/* ---- commands -------------------------------------------------------------------------------- */

static lia_err rotate(lia_turn *turn, const void *request)
{
    const Hooks__RotateWebhookSecret *ask = request;
    lia_id id = lia_id_in(ask->webhook);
    uint32_t hours = ask->has_hours ? ask->hours : ROTATE_HOURS;
    Hooks__Webhook *hook;
    Hooks__WebhookSecret *secret = NULL;
    if (hours > ROTATE_HOURS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "hours: at most %d are taken", ROTATE_HOURS_MAX);
    lia_err err = lia_load(turn, LIA_WEBHOOK, id, &hook);
    if (!err) err = lia_load(turn, LIA_WEBHOOK_SECRET, secret_id(id), &secret);
    if (err) return err;
    lia_turn_answer(turn, LIA_WEBHOOK, id);
    return record_secret(turn, id, secret, turn->now.ms + hours * LIA_HOUR_MS);
}

static lia_err stop(lia_turn *turn, const void *request)
{
    const Hooks__StopWebhook *ask = request;
    lia_id id = lia_id_in(ask->webhook);
    Hooks__Webhook *hook;
    lia_err err = lia_load(turn, LIA_WEBHOOK, id, &hook);
    if (err || !hook->enabled) return err;
    LIA_SET(hook, enabled, false);
    LIA_SET(hook, stopped_at, turn->now.ms);
    hook->stopped = ask->reason;
    err = lia_record(turn, LIA_WEBHOOK, id, hook);
    if (err) return err;

    Hooks__WebhookStopped fact = HOOKS__WEBHOOK_STOPPED__INIT;
    LIA_SET_ID(&fact, webhook, &id);
    fact.reason = ask->reason;
    return lia_tell(turn, &fact);
}

static lia_err mark(lia_turn *turn, const void *request)
{
    const Hooks__MarkWebhook *ask = request;
    lia_id id = lia_id_in(ask->webhook);
    Hooks__WebhookMark kept = HOOKS__WEBHOOK_MARK__INIT;
    LIA_SET_ID(&kept, webhook, &id);
    LIA_SET(&kept, node, turn->node);
    LIA_SET(&kept, lanes, ask->lanes);
    lia_err err = lia_record(turn, LIA_WEBHOOK_MARK, mark_id(id), &kept);
    return err ? err : tell_kept(turn, id);
}

/* ---- reading --------------------------------------------------------------------------------- */

uint16_t lia_webhook_node(const Hooks__Webhook *hook, const lia_members *members)
{
    const lia_removed *gone = lia_members_find_removed(members, (uint16_t)hook->node);
    uint16_t first = 0, kin = 0;
    if (lia_members_find(members, (uint16_t)hook->node)) return (uint16_t)hook->node;
    for (size_t i = 0; i < members->count; i++) {
        const lia_member *member = &members->list[i];
        if (!first || member->number < first) first = member->number;
        if (gone && member->department == gone->department && (!kin || member->number < kin))
            kin = member->number;
    }
    return kin ? kin : first;
}

lia_err lia_webhook_secrets(const lia_rows *rows, lia_id webhook, lia_time now, lia_arena *arena,
                            lia_hook_secrets *out)
{
    ProtobufCMessage *message;
    *out = (lia_hook_secrets){0};
    lia_err err = lia_record_read(rows, LIA_WEBHOOK_SECRET, secret_id(webhook), arena, &message);
    if (err || !message) return err ? err : LIA_EABSENT;
    const Hooks__WebhookSecret *secret = (const Hooks__WebhookSecret *)message;
    if (secret->secret.len != LIA_HOOK_SECRET_SIZE) return LIA_ECORRUPT;
    out->secret = lia_span_make(secret->secret.data, secret->secret.len);
    if (!secret->has_former || secret->former_until <= now.ms) return LIA_OK;
    out->former = lia_span_make(secret->former.data, secret->former.len);
    out->former_until.ms = secret->former_until;
    return LIA_OK;
}

void lia_hook_lane_put(uint8_t out[LIA_HOOK_LANE_SIZE], const lia_position *lane)
{
    lia_put_u16(out, lane->node);
    lia_put_u64(out + 2, lane->incarnation);
    lia_put_u64(out + 10, lane->seq);
}

lia_err lia_webhook_mark(const lia_rows *rows, lia_id webhook, lia_arena *arena, lia_hook_mark *out)
{
    ProtobufCMessage *message;
    *out = (lia_hook_mark){0};
    lia_err err = lia_record_read(rows, LIA_WEBHOOK_MARK, mark_id(webhook), arena, &message);
    if (err || !message) return err ? err : LIA_EABSENT;
    ProtobufCBinaryData lanes = ((const Hooks__WebhookMark *)message)->lanes;
    if (lanes.len % LIA_HOOK_LANE_SIZE) return LIA_ECORRUPT;
    out->count = lanes.len / LIA_HOOK_LANE_SIZE;
    out->lanes = lia_arena_take(arena, (out->count + 1) * sizeof *out->lanes);
    if (!out->lanes) return LIA_EFULL;
    for (size_t i = 0; i < out->count; i++) {
        const uint8_t *at = lanes.data + i * LIA_HOOK_LANE_SIZE;
        out->lanes[i] = (lia_position){lia_get_u64(at + 2), lia_get_u64(at + 10), lia_get_u16(at)};
    }
    return LIA_OK;
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { ROTATE, STOP, MARK, WITHDRAW };

static const lia_command_row commands[] = {
    [ROTATE] = {"webhook.rotate_secret", "rotateSecret", LIA_WEBHOOK, false,
                &hooks__rotate_webhook_secret__descriptor, rotate,
                "Gives a webhook a new secret; for some hours the present one signs, too."},
    [STOP] = {"webhook.stop", "stop", LIA_WEBHOOK_SECRET, true, &hooks__stop_webhook__descriptor,
              stop, "Stops a webhook whose receiver has gone."},
    [MARK] = {"webhook.mark", "mark", LIA_WEBHOOK_MARK, true, &hooks__mark_webhook__descriptor,
              mark, "Notes how far a webhook has come."},
    [WITHDRAW] = {"tool.withdraw", "withdraw", LIA_TOOL, false, &hooks__withdraw_tool__descriptor,
                  lia_tool_withdraw,
                  "Cuts a tool off from the public stream of every node, for as long as it is not admitted again."},
};

const lia_command_row *const lia_stop_webhook = &commands[STOP];
const lia_command_row *const lia_mark_webhook = &commands[MARK];

static const lia_rule_row rules[] = {{LIA_WEBHOOK, prepare}, {LIA_TOOL, lia_tool_prepare}};

/* ---- rules that call one --------------------------------------------------------------------- */

static lia_err load_called(lia_turn *turn, const char *to, lia_id *id)
{
    Hooks__Webhook *hook;
    if (lia_id_parse(lia_span_text(to), id))
        return lia_turn_fail(turn, LIA_EINVAL, "to: the id of a webhook is wanted, not '%.100s'", to);
    lia_err err = lia_load(turn, LIA_WEBHOOK, *id, &hook);
    if (err == LIA_EABSENT || err == LIA_EGONE)
        return lia_turn_fail(turn, LIA_EABSENT, "to: there is no webhook '%s'", to);
    if (!err && (!hook->enabled || hook->archived))
        return lia_turn_fail(turn, LIA_EINVAL, "to: the webhook '%s' is not enabled", hook->name);
    return err;
}

/* The call is an event, told to this webhook like all that it is told: by the node that delivers it,
 * signed, again until it is taken. */
static lia_err take_parcel(lia_turn *turn, const lia_parcel *parcel)
{
    lia_id id;
    const lia_kind *kind = lia_kind_find(parcel->kind);
    Hooks__WebhookCalled fact = HOOKS__WEBHOOK_CALLED__INIT;
    lia_err err = load_called(turn, parcel->to, &id);
    if (err) return err;
    LIA_SET_ID(&fact, webhook, &id);
    fact.from = parcel->from;
    fact.subject = parcel->subject;
    fact.text = parcel->text;
    if (kind) {
        fact.kind = kind->name;
        LIA_SET_ID(&fact, record, &parcel->record);
    }
    lia_about(turn, parcel->customer);
    return lia_tell(turn, &fact);
}

static const lia_channel_row channels[] = {{"webhook", take_parcel}};

const lia_service lia_hooks_tables = {
    .name = "hooks",
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .channels = channels,
    .channel_count = LIA_COUNT(channels),
};
