/* SPDX-License-Identifier: Apache-2.0 */
/* automation_rig - nodes that run automation beside a small department, for tests. What is written
 * is given as JSON; members 1 and 2 are sales, 3 is marketing, unless a test says otherwise. */
#ifndef LIA_AUTOMATION_AUTOMATION_RIG_H
#define LIA_AUTOMATION_AUTOMATION_RIG_H

#include "common/automation/automation.h"
#include "common/node/fields.h"
#include "common/node/node_rig.h"
#include "common/wire/json.h"
#include "common/wire/pb.h"
#include "proto/automation.pb-c.h"

/* A channel that writes a task for each parcel, under the parcel's key. */
static inline lia_err post(lia_turn *turn, const lia_parcel *parcel)
{
    if (strcmp(parcel->to, "nobody") == 0)
        return lia_turn_fail(turn, LIA_EINVAL, "mail: 'nobody' is no address");
    Crm__Task task = CRM__TASK__INIT;
    task.title = parcel->subject;
    task.text = parcel->text;
    return lia_record(turn, LIA_TASK, parcel->key, &task);
}

static const lia_channel_row rig_channels[] = {{"mail", post}};
static const lia_service rig_sales = {
    .name = "sales", .department = LIA_SALES, .channels = rig_channels, .channel_count = 1};
static const lia_service rig_marketing = {.name = "marketing", .department = LIA_MARKETING};

static inline void auto_make(rig *r, size_t count)
{
    rig_make(r, count);
    for (size_t i = 0; i < RIG_NODES; i++)
        r->members.list[i].department = i == 2 ? LIA_MARKETING : LIA_SALES;
    rig_members(r, count);
}

static inline void auto_open(rig *r, size_t number, size_t jobs_max)
{
    lia_why why = {0};
    lia_node_options options = {.loop = &r->loop,
                                .dir = r->dir,
                                .name = r->members.list[number - 1].name,
                                .service = number == 3 ? &rig_marketing : &rig_sales,
                                .shared = &lia_automation,
                                .jobs_max = jobs_max,
                                .take_over_ms = 300,
                                .map_bytes = (size_t)1 << 30};
    lia_err err = lia_node_open(&r->nodes[number], &options, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    RIG_UNTIL(r, lia_node_health(r->nodes[number], NULL) != LIA_EBUSY);
}

/* Writes what `json` says; with an id, that record, once under that key. */
static inline lia_err auto_try(rig *r, size_t number, uint16_t kind, lia_id id, const char *json,
                               lia_command *command)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 16 << 20));
    lia_arena_reset(&arena);
    lia_json_object object;
    lia_why why = {0};
    lia_err err = lia_json_read(&object, lia_kind_find(kind)->message, LIA_JSON_CREATE,
                                lia_span_text(json), &arena, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    *command = (lia_command){.type = LIA_COMMAND_CREATE,
                             .kind = lia_kind_find(kind),
                             .id = id,
                             .key = id,
                             .request = object.message};
    return rig_do(r, number, command);
}

static inline lia_id auto_create(rig *r, size_t number, uint16_t kind, lia_id id, const char *json)
{
    lia_command command;
    lia_err err = auto_try(r, number, kind, id, json, &command);
    if (err) print_error("%s %s\n", lia_err_text(err), command.why.text);
    CHECK_OK(err);
    return command.record;
}

static inline void auto_change(rig *r, size_t number, uint16_t kind, lia_id id, const char *json)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_json_object object;
    CHECK_OK(lia_json_read(&object, lia_kind_find(kind)->message, LIA_JSON_PATCH,
                           lia_span_text(json), &arena, NULL));
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = lia_kind_find(kind),
                           .id = id,
                           .request = object.message,
                           .mask = object.mentioned,
                           .mask_count = object.mentioned_count};
    CHECK_OK(rig_do(r, number, &command));
    lia_arena_fini(&arena);
}

/* A verb of the record `id`; a bare one (""), about `id` and `other`. */
static inline lia_id auto_verb(rig *r, size_t number, uint16_t kind, const char *verb, lia_id id,
                               lia_id other, lia_id key)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 16));
    lia_buf request = lia_buf_make(&arena);
    lia_pb_put_bytes(&request, 1, lia_id_span(&id));
    if (!lia_id_is_none(other)) lia_pb_put_bytes(&request, 2, lia_id_span(&other));
    lia_command command = {
        .type = LIA_COMMAND_VERB,
        .row = lia_node_command(r->nodes[number], kind, lia_span_text(verb), !*verb),
        .id = *verb ? id : LIA_ID_NONE,
        .key = key,
        .request = lia_buf_get(&request)};
    CHECK(command.row != NULL);
    lia_err err = rig_do(r, number, &command);
    if (err) print_error("%s: %s %s\n", verb, lia_err_text(err), command.why.text);
    CHECK_OK(err);
    lia_arena_fini(&arena);
    return command.record;
}

/* A record as a node shows it, or NULL; good until the next call but 15. */
static inline void *auto_read(rig *r, size_t number, uint16_t kind, lia_id id)
{
    static lia_arena arenas[16];
    static unsigned next;
    lia_arena *arena = &arenas[next++ % LIA_COUNT(arenas)];
    if (!arena->base) CHECK_OK(lia_arena_init(arena, 4 << 20));
    lia_arena_reset(arena);
    lia_rows rows;
    lia_span bytes;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    lia_err err = lia_rows_message(&rows, lia_kind_find(kind), id, arena, &bytes, NULL);
    lia_turn turn = {.arena = arena};
    void *message =
        err ? NULL : lia_turn_unpack(&turn, lia_kind_find(kind)->message->descriptor, bytes);
    lia_node_read_end(r->nodes[number], &rows);
    return message;
}

/* Up to `max` ids of a kind's records; returns how many there are. */
static inline size_t auto_list(rig *r, size_t number, uint16_t kind, lia_id *out, size_t max)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    size_t count = 0;
    lia_key prefix = lia_key_kind(kind);
    lia_record_key at;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &value)) {
        if (!lia_record_key_read(key, &at) || at.tag != LIA_TAG_STATE || at.rest.size) continue;
        if (count < max) out[count] = at.id;
        count++;
    }
    lia_scan_close(scan);
    lia_node_read_end(r->nodes[number], &rows);
    return count;
}

static inline size_t auto_count(rig *r, size_t number, uint16_t kind)
{
    return auto_list(r, number, kind, NULL, 0);
}

/* How many runs stand in a state. */
static inline size_t auto_runs(rig *r, size_t number, Automation__RunState state)
{
    lia_id ids[256];
    size_t count = auto_list(r, number, LIA_RUN, ids, LIA_COUNT(ids)), found = 0;
    for (size_t i = 0; i < count && i < LIA_COUNT(ids); i++) {
        const Automation__Run *run = auto_read(r, number, LIA_RUN, ids[i]);
        found += run && run->state == state;
    }
    return found;
}

#define RUN(name) AUTOMATION__RUN_STATE__RUN_STATE_##name

#endif
