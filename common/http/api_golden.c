/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_golden.h"

#include <stdio.h>

#include "common/base/crypto.h"
#include "common/crm/golden.h"
#include "common/http/api_history.h"

/* ---- who ------------------------------------------------------------------------------------- */

/* Keeps the members that may be seen. */
static lia_err limit(lia_whole *out, const lia_principal *who, const lia_rows *rows, lia_id named,
                     lia_arena *arena)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    bool sees_customer = false, sees_named = false;
    size_t kept = 0;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < out->count && !err; i++) {
        bool allowed;
        lia_id id = out->members[i];
        err = lia_principal_reaches(who, rows, LIA_ACTION_READ, kind, id, arena, &allowed);
        if (!allowed) continue;
        out->members[kept++] = id;
        sees_customer |= lia_id_equal(id, out->customer);
        sees_named |= lia_id_equal(id, named);
    }
    out->count = kept;
    if (err || !sees_named) return err ? err : LIA_EABSENT;
    if (!sees_customer) out->customer = out->members[0];
    return LIA_OK;
}

static bool sees_all(const lia_principal *who)
{
    return lia_rights_scope(lia_principal_rights(who), LIA_ACTION_READ,
                            lia_kind_find(LIA_CUSTOMER)) == ACCESS__SCOPE__SCOPE_ALL;
}

lia_err lia_whole_find(lia_whole *out, const lia_principal *who, const lia_rows *rows, lia_id id,
                       bool alone, lia_arena *arena)
{
    lia_id found[LIA_MEMBERS_SHOWN_MAX];
    found[0] = id;
    lia_err err = LIA_OK;
    *out = (lia_whole){.customer = id, .count = 1};
    if (!alone) err = lia_identity_members(rows, id, found, LIA_COUNT(found), &out->count);
    if (!err && out->count > 1) err = lia_identity_customer(rows, id, &out->customer);
    if (err) return err;
    out->members = lia_arena_take(arena, out->count * sizeof *found);
    if (!out->members) return LIA_EFULL;
    memcpy(out->members, found, out->count * sizeof *found);
    return sees_all(who) ? LIA_OK : limit(out, who, rows, id, arena);
}

/* ---- loading --------------------------------------------------------------------------------- */

typedef struct whole_shown {
    const lia_api *api;
    lia_buf *out;
    lia_shown *members; /* those that are there */
    size_t count;
    const lia_shown *named;
    lia_buf unknown; /* as of a moment */
    lia_golden golden;
} whole_shown;

static lia_department department_of(const void *context, uint16_t node)
{
    const lia_api *api = context;
    const lia_member *member = lia_members_find(api->members, node);
    return member ? (lia_department)member->department : LIA_DEPARTMENT_ANY;
}

static lia_err load(whole_shown *shown, const lia_principal *who, const lia_rows *rows,
                    const lia_whole *whole, lia_id named, lia_arena *arena)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    shown->members = lia_arena_take(arena, whole->count * sizeof *shown->members);
    lia_record *records = lia_arena_take(arena, whole->count * sizeof *records);
    if (!shown->members || !records) return LIA_EFULL;
    for (size_t i = 0; i < whole->count; i++) {
        lia_shown *member = &shown->members[shown->count];
        lia_err err = lia_shown_load(member, who, rows, kind, whole->members[i], arena);
        bool is_named = lia_id_equal(whole->members[i], named);
        if (err && (is_named || (err != LIA_EABSENT && err != LIA_EGONE))) return err;
        if (!err && whole->as_of)
            err = lia_shown_past(member, rows, whole->as_of, arena, &shown->unknown);
        if (err && err != LIA_EABSENT && err != LIA_EGONE) return err;
        if (err) continue;
        if (is_named || (whole->as_of && !shown->named)) shown->named = member;
        records[shown->count++] = member->record;
    }
    if (!shown->named) return LIA_EABSENT;
    return lia_golden_make(&shown->golden, records, shown->count, shown->named->kind, department_of,
                           shown->api, arena);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_writer(const whole_shown *shown, const lia_golden_value *value)
{
    lia_buf *out = shown->out;
    uint16_t node = value->live->stamp.node;
    const char *department = lia_department_name(department_of(shown->api, node));
    lia_buf_text(out, "\"at\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(value->live->stamp.hlc)});
    lia_buf_text(out, ",\"node\":");
    lia_json_put_text(out, lia_span_text(lia_api_node_name(shown->api, node)));
    lia_buf_format(out, ",\"department\":\"%s\",\"member\":", department ? department : "any");
    lia_json_put_id(out, shown->members[value->member].id);
}

/* The latest write among what is shown of one field; moves *at behind them. */
static const lia_golden_value *latest(const lia_golden *golden, size_t *at)
{
    const lia_field *field = golden->values[*at].field;
    const lia_golden_value *last = NULL;
    for (; *at < golden->count && golden->values[*at].field == field; ++*at) {
        const lia_golden_value *value = &golden->values[*at];
        if (!last || lia_stamp_compare(&value->live->stamp, &last->live->stamp) > 0) last = value;
    }
    return last;
}

static void put_fields(const whole_shown *shown)
{
    lia_buf *out = shown->out;
    lia_buf_text(out, ",\"fields\":{");
    for (size_t i = 0; i < shown->golden.count;) {
        lia_buf_format(out, "%s\"%s\":{", i ? "," : "", shown->golden.values[i].field->name);
        const lia_golden_value *value = latest(&shown->golden, &i);
        put_writer(shown, value);
        lia_buf_format(out, ",\"seq\":%llu}", (unsigned long long)value->live->stamp.seq);
    }
    lia_buf_byte(out, '}');
}

static void put_value(const whole_shown *shown, const lia_golden_value *value, bool more)
{
    lia_buf_text(shown->out, more ? ",{\"value\":" : "{\"value\":");
    lia_json_put_value(shown->out, value->field, value->live->wire, value->live->value);
    lia_buf_byte(shown->out, ',');
    put_writer(shown, value);
    lia_buf_byte(shown->out, '}');
}

static bool same_register(const lia_golden_value *a, const lia_golden_value *b)
{
    return a->field == b->field && lia_span_equal(a->element, b->element);
}

static void put_chosen(const whole_shown *shown, const lia_golden_value *other, bool more)
{
    for (size_t i = 0; i < shown->golden.count; i++)
        if (same_register(&shown->golden.values[i], other))
            put_value(shown, &shown->golden.values[i], more);
}

/* "conflicts":{"name":[what counts, what others say ...]}, as of one record. */
static void put_conflicts(const whole_shown *shown)
{
    const lia_golden *golden = &shown->golden;
    lia_buf *out = shown->out;
    for (size_t i = 0; i < golden->other_count; i++) {
        const lia_golden_value *other = &golden->others[i];
        bool new_field = !i || other[-1].field != other->field;
        if (!i) lia_buf_text(out, ",\"conflicts\":{");
        if (new_field) lia_buf_format(out, "%s\"%s\":[", i ? "]," : "", other->field->name);
        if (new_field || !same_register(&other[-1], other)) put_chosen(shown, other, !new_field);
        put_value(shown, other, true);
    }
    if (golden->other_count) lia_buf_text(out, "]}");
}

/* ---- members --------------------------------------------------------------------------------- */

/* Who wrote the first of all that is still known of a record. */
static uint16_t maker_of(const lia_record *record)
{
    lia_stamp first = {.hlc = UINT64_MAX};
    for (size_t i = 0; i < record->count; i++) {
        const lia_register *reg = &record->registers[i];
        if (reg->seen.hlc && lia_stamp_compare(&reg->seen, &first) < 0) first = reg->seen;
        for (size_t j = 0; j < reg->count; j++)
            if (lia_stamp_compare(&reg->live[j].stamp, &first) < 0) first = reg->live[j].stamp;
    }
    return first.node;
}

static void put_member(const whole_shown *shown, const lia_shown *member)
{
    lia_buf *out = shown->out;
    char version[LIA_VERSION_TEXT_SIZE];
    lia_pb_field name;
    uint16_t node = maker_of(&member->record);
    const char *department = lia_department_name(department_of(shown->api, node));
    lia_version_print(&member->top, version);
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, member->id);
    lia_buf_format(out, ",\"department\":\"%s\"", department ? department : "any");
    if (member->kind->title && lia_pb_find(member->message, member->kind->title->number, &name)) {
        lia_buf_text(out, ",\"name\":");
        lia_json_put_text(out, name.bytes);
    }
    lia_buf_text(out, ",\"created_at\":");
    lia_json_put_time(out, member->created);
    lia_buf_text(out, ",\"updated_at\":");
    lia_json_put_time(out, member->updated);
    lia_buf_format(out, ",\"archived\":%s,\"version\":\"%s\"}",
                   lia_shown_is_archived(member) ? "true" : "false", version);
}

static void put_members(const whole_shown *shown)
{
    lia_buf_text(shown->out, ",\"members\":[");
    for (size_t i = 0; i < shown->count; i++) {
        if (i) lia_buf_byte(shown->out, ',');
        put_member(shown, &shown->members[i]);
    }
    lia_buf_byte(shown->out, ']');
}

/* Changes with every member, and with who is one. */
static void print_tag(const whole_shown *shown, char tag[LIA_WHOLE_TAG_SIZE])
{
    lia_hash hash = {{0}};
    char version[LIA_VERSION_TEXT_SIZE];
    for (size_t i = 0; i < shown->count; i++) {
        lia_version_print(&shown->members[i].top, version);
        const lia_span parts[] = {lia_span_make(hash.bytes, sizeof hash.bytes),
                                  lia_id_span(&shown->members[i].id), lia_span_text(version)};
        hash = lia_hash_of("liaison customer", parts, LIA_COUNT(parts));
    }
    tag[0] = '"';
    lia_hex_print(lia_span_make(hash.bytes, 16), tag + 1);
    strcpy(tag + 33, "\"");
}

/* ---- the whole ------------------------------------------------------------------------------- */

lia_err lia_golden_put(lia_buf *out, const lia_api *api, const lia_principal *who,
                       const lia_rows *rows, const lia_whole *whole, lia_id named, lia_arena *arena,
                       lia_golden_told *told)
{
    whole_shown shown = {.api = api, .out = out, .unknown = lia_buf_make(arena)};
    char version[LIA_VERSION_TEXT_SIZE];
    lia_err err = load(&shown, who, rows, whole, named, arena);
    if (err) return err;
    lia_time created = shown.members[0].created, updated = shown.members[0].updated;
    for (size_t i = 1; i < shown.count; i++) {
        if (shown.members[i].created.ms < created.ms) created = shown.members[i].created;
        if (shown.members[i].updated.ms > updated.ms) updated = shown.members[i].updated;
    }
    lia_version_print(&shown.named->top, version);
    lia_buf_text(out, "\"id\":");
    lia_json_put_id(out, whole->customer);
    lia_buf_byte(out, ',');
    if (lia_json_put_members(out, shown.named->kind->message, shown.golden.message))
        lia_buf_byte(out, ',');
    lia_buf_text(out, "\"created_at\":");
    lia_json_put_time(out, created);
    lia_buf_text(out, ",\"updated_at\":");
    lia_json_put_time(out, updated);
    lia_buf_format(out, ",\"version\":\"%s\"", version);
    put_conflicts(&shown);
    put_fields(&shown);
    put_members(&shown);
    lia_pb_field archived;
    told->archived =
        lia_pb_find(shown.golden.message, shown.named->kind->archived->number, &archived);
    told->unknown = shown.unknown;
    print_tag(&shown, told->tag);
    return LIA_OK;
}
