/* SPDX-License-Identifier: Apache-2.0 */
/* A record as JSON: {"id", its fields, "created_at", "updated_at", "version"} and, where asked,
 * which values contradict one another and who set the one that is shown. */
#include <stdio.h>

#include "common/base/crypto.h"
#include "common/http/api_inner.h"

/* ---- versions -------------------------------------------------------------------------------- */

void lia_version_print(const lia_stamp *version, char text[LIA_VERSION_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *at = text;
    for (int shift = 60; shift >= 0; shift -= 4) *at++ = digits[version->hlc >> shift & 15];
    *at++ = '-';
    for (int shift = 60; shift >= 0; shift -= 4) *at++ = digits[version->incarnation >> shift & 15];
    snprintf(at, LIA_VERSION_TEXT_SIZE - (size_t)(at - text), "-%u-%llu", version->node,
             (unsigned long long)version->seq);
}

static bool hex_of(lia_span text, uint64_t *value)
{
    uint8_t bytes[8];
    if (lia_hex_parse(text, bytes, sizeof bytes)) return false;
    *value = lia_get_u64(bytes);
    return true;
}

lia_err lia_version_parse(lia_span text, lia_stamp *out)
{
    uint64_t node;
    lia_span hlc = lia_api_take(&text, '-'), incarnation = lia_api_take(&text, '-');
    lia_span number = lia_api_take(&text, '-');
    if (!hex_of(hlc, &out->hlc) || !hex_of(incarnation, &out->incarnation) ||
        !lia_api_number(number, &node) || node > UINT16_MAX || !lia_api_number(text, &out->seq))
        return LIA_EINVAL;
    out->node = (uint16_t)node;
    return LIA_OK;
}

/* ---- loading --------------------------------------------------------------------------------- */

/* The oldest write that is still known: for ids that tell no time. */
static lia_time oldest(const lia_record *record)
{
    lia_hlc first = UINT64_MAX;
    for (size_t i = 0; i < record->count; i++)
        for (size_t j = 0; j < record->registers[i].count; j++)
            if (record->registers[i].live[j].stamp.hlc < first)
                first = record->registers[i].live[j].stamp.hlc;
    return (lia_time){first == UINT64_MAX ? 0 : lia_hlc_ms(first)};
}

/* The erasures of the other records of the same person. */
static lia_err load_also(lia_shown *out, const lia_rows *rows, lia_arena *arena)
{
    const lia_field *also = lia_field_by_name(out->kind->message, LIA_SPAN("also"));
    lia_pb_reader reader = lia_pb_read(out->message);
    lia_pb_field field;
    size_t count = 0;
    while (lia_pb_next(&reader, &field)) count += field.number == also->number;
    out->also = lia_arena_take(arena, (count + 1) * sizeof *out->also);
    if (!out->also) return LIA_EFULL;
    reader = lia_pb_read(out->message);
    while (lia_pb_next(&reader, &field)) {
        if (field.number != also->number) continue;
        lia_err err = lia_rows_record(rows, LIA_ERASURE, lia_erasure_id(lia_id_from(field.bytes)),
                                      arena, &out->also[out->also_count]);
        if (err && err != LIA_EABSENT) return err;
        if (err) out->also[out->also_count] = (lia_record){0}; /* on its way: nobody has done it */
        out->also_count++;
    }
    return LIA_OK;
}

/* Of who was erased nothing is left that would say whose they were. */
static lia_err gone(const lia_principal *who, const lia_kind *kind)
{
    bool all = lia_rights_scope(lia_principal_rights(who), LIA_ACTION_READ, kind) ==
               ACCESS__SCOPE__SCOPE_ALL;
    return all ? LIA_EGONE : LIA_EABSENT;
}

/* The fields that are in the schema. */
static lia_err cut(lia_span *message, const lia_message *schema, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    lia_pb_reader reader = lia_pb_read(*message);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field))
        if (lia_field_find(schema, field.number))
            lia_pb_put_raw(&out, field.number, field.wire, field.bytes);
    *message = lia_buf_get(&out);
    return out.failed ? LIA_EFULL : LIA_OK;
}

static lia_err look(lia_shown *out, const lia_principal *who, const lia_rows *rows,
                    const lia_kind *kind, lia_arena *arena)
{
    bool allowed;
    lia_buf message = lia_buf_make(arena);
    lia_record_message(&out->record, kind->message, &message);
    if (message.failed) return LIA_EFULL;
    out->message = lia_buf_get(&message);
    lia_err err =
        lia_principal_may(who, rows, LIA_ACTION_READ, kind, out->id, out->message, arena, &allowed);
    if (err) return err;
    if (!allowed) return LIA_EABSENT;
    return out->kind == kind ? LIA_OK : cut(&out->message, out->kind->message, arena);
}

lia_err lia_shown_load(lia_shown *out, const lia_principal *who, const lia_rows *rows,
                       const lia_kind *kind, lia_id id, lia_arena *arena)
{
    kind = lia_kind_find(kind->number);
    out->kind = lia_rights_kind(lia_principal_rights(who), kind->number);
    out->id = id;
    if (!out->kind) return LIA_EABSENT;
    lia_err err = lia_rows_record(rows, kind->number, id, arena, &out->record);
    if (err == LIA_EGONE) return gone(who, kind);
    if (!err) err = look(out, who, rows, kind, arena);
    if (err) return err;
    out->top = lia_record_top(&out->record);
    out->updated.ms = lia_hlc_ms(out->top.hlc);
    if (!lia_id_time(id, &out->created.ms)) out->created = oldest(&out->record);
    out->also = NULL;
    out->also_count = 0;
    return kind->number == LIA_ERASURE ? load_also(out, rows, arena) : LIA_OK;
}

lia_err lia_shown_become(lia_shown *shown, const lia_record *record, lia_arena *arena)
{
    lia_buf message = lia_buf_make(arena);
    shown->record = *record;
    lia_record_message(record, shown->kind->message, &message);
    if (message.failed) return LIA_EFULL;
    shown->message = lia_buf_get(&message);
    shown->top = lia_record_top(record);
    shown->updated.ms = lia_hlc_ms(shown->top.hlc);
    return cut(&shown->message, shown->kind->message, arena);
}

bool lia_shown_is_archived(const lia_shown *shown)
{
    lia_pb_field field;
    return shown->kind->archived &&
           lia_pb_find(shown->message, shown->kind->archived->number, &field) && field.value;
}

/* ---- conflicts and history ------------------------------------------------------------------- */

static bool lives_differ(const lia_register *reg)
{
    const lia_live *first = &reg->live[0];
    for (size_t i = 1; i < reg->count; i++)
        if (reg->live[i].absent != first->absent ||
            !lia_span_equal(reg->live[i].value, first->value))
            return true;
    return false;
}

static void put_stamp(lia_buf *out, const lia_api *api, const lia_stamp *stamp)
{
    lia_buf_text(out, "\"at\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(stamp->hlc)});
    lia_buf_text(out, ",\"node\":");
    lia_json_put_text(out, lia_span_text(lia_api_node_name(api, stamp->node)));
}

static void put_name(lia_buf *out, const char *name)
{
    lia_buf_byte(out, '"');
    lia_buf_text(out, name);
    lia_buf_text(out, "\":");
}

/* A set's element stands for itself: that it is there or not is settled by the merge. */
static bool is_in_conflict(const lia_register *reg, const lia_field *field)
{
    bool names_itself = field->repeated && !field->key;
    return reg->count > 1 && !names_itself && field->merge == LIA_MERGE_LATEST && lives_differ(reg);
}

static void put_lives(lia_buf *out, const lia_api *api, const lia_register *reg,
                      const lia_field *field, bool *more)
{
    char position[LIA_POSITION_TEXT_SIZE];
    for (size_t i = 0; i < reg->count; i++) {
        const lia_live *live = &reg->live[i];
        lia_buf_text(out, *more ? ",{\"value\":" : "{\"value\":");
        *more = true;
        if (live->absent)
            lia_buf_text(out, "null");
        else
            lia_json_put_value(out, field, live->wire, live->value);
        lia_buf_byte(out, ',');
        put_stamp(out, api, &live->stamp);
        lia_position_print(
            (lia_position){live->stamp.incarnation, live->stamp.seq, live->stamp.node}, position);
        lia_buf_format(out, ",\"position\":\"%s\"}", position);
    }
}

/* "conflicts":{"name":[{"value","at","node","position"} ...]}; nothing when there are none. */
static void put_conflicts(lia_buf *out, const lia_api *api, const lia_shown *shown)
{
    const char *before = ",\"conflicts\":{";
    uint32_t open = 0;
    bool more = false;
    for (size_t i = 0; i < shown->record.count; i++) {
        const lia_register *reg = &shown->record.registers[i];
        if (reg->count < 2) continue;
        const lia_field *field = lia_field_find(shown->kind->message, reg->field);
        if (!field || !is_in_conflict(reg, field)) continue;
        if (reg->field != open) {
            lia_buf_text(out, open ? "]," : before);
            put_name(out, field->name);
            lia_buf_byte(out, '[');
            open = reg->field;
            more = false;
        }
        put_lives(out, api, reg, field, &more);
    }
    if (open) lia_buf_text(out, "]}");
}

/* The highest stamp among what the registers of one field show; moves *at behind them. */
static const lia_live *shown_last(const lia_shown *shown, const lia_field *field, size_t *at)
{
    const lia_live *last = NULL;
    uint32_t number = shown->record.registers[*at].field;
    for (; *at < shown->record.count && shown->record.registers[*at].field == number; ++*at) {
        const lia_live *live = lia_register_winner(&shown->record.registers[*at], field);
        if (live && (!last || lia_stamp_compare(&live->stamp, &last->stamp) > 0)) last = live;
    }
    return last;
}

/* "fields":{"name":{"at","node","seq"} ...}: who set what is shown, and when. */
static void put_history(lia_buf *out, const lia_api *api, const lia_shown *shown)
{
    lia_buf_text(out, ",\"fields\":{");
    bool more = false;
    for (size_t i = 0; i < shown->record.count;) {
        const lia_field *field =
            lia_field_find(shown->kind->message, shown->record.registers[i].field);
        const lia_live *live = shown_last(shown, field, &i);
        if (!field || !live) continue;
        if (more) lia_buf_byte(out, ',');
        more = true;
        put_name(out, field->name);
        lia_buf_byte(out, '{');
        put_stamp(out, api, &live->stamp);
        lia_buf_text(out, ",\"seq\":");
        lia_json_put_uint(out, live->stamp.seq);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, '}');
}

/* ---- erasures -------------------------------------------------------------------------------- */

static bool has_receipt(const lia_record *erasure, const lia_field *receipts, const char *node)
{
    const lia_register *reg = lia_record_find(erasure, receipts->number, lia_span_text(node));
    return reg && lia_register_winner(reg, receipts);
}

static bool has_all_receipts(const lia_shown *shown, const lia_field *receipts, const char *node)
{
    bool all = has_receipt(&shown->record, receipts, node);
    for (size_t i = 0; i < shown->also_count && all; i++)
        all = has_receipt(&shown->also[i], receipts, node);
    return all;
}

static lia_id customer_of(const lia_record *erasure)
{
    enum { CUSTOMER = 1 };
    const lia_register *reg = lia_record_find(erasure, CUSTOMER, LIA_SPAN_NONE);
    const lia_live *live = reg ? lia_register_winner(reg, NULL) : NULL;
    return live ? lia_id_from(live->value) : LIA_ID_NONE;
}

void lia_erasing_put(lia_buf *out, const lia_erasing *erasing)
{
    lia_buf_format(out, "\"phase\":\"%s\",\"done\":%llu,\"all\":%llu", erasing->phase,
                   (unsigned long long)erasing->done, (unsigned long long)erasing->all);
    if (erasing->all)
        lia_buf_format(out, ",\"percent\":%llu",
                       (unsigned long long)(erasing->done * 100 / erasing->all));
    lia_buf_format(out, ",\"for_ms\":%llu",
                   (unsigned long long)((lia_time_ticks_ns() - erasing->began_ns) / 1000000));
}

/* "progress": how far this node's own pass is, while its receipt is missing. */
static void put_progress(lia_buf *out, const lia_api *api, const lia_shown *shown)
{
    lia_erasing erasing;
    bool under_way = lia_node_erasing(api->node, customer_of(&shown->record), &erasing);
    for (size_t i = 0; i < shown->also_count && !under_way; i++)
        under_way = lia_node_erasing(api->node, customer_of(&shown->also[i]), &erasing);
    lia_buf_text(out, ",\"progress\":{\"node\":");
    lia_json_put_text(out, lia_span_text(api->member->name));
    lia_buf_byte(out, ',');
    if (under_way)
        lia_erasing_put(out, &erasing);
    else
        lia_buf_text(out, "\"phase\":\"waiting\"");
    lia_buf_byte(out, '}');
}

/* "complete" and "missing": an erasure is done when every member has said so, of all records of
 * the person. */
static void put_missing(lia_buf *out, const lia_api *api, const lia_shown *shown)
{
    const lia_field *receipts = lia_field_by_name(shown->kind->message, LIA_SPAN("receipts"));
    size_t missing = 0;
    lia_buf_text(out, ",\"missing\":[");
    const lia_members *members = lia_api_list_of(api);
    for (size_t i = 0; i < members->count; i++) {
        const char *node = members->list[i].name;
        if (has_all_receipts(shown, receipts, node)) continue;
        if (missing++) lia_buf_byte(out, ',');
        lia_json_put_text(out, lia_span_text(node));
    }
    lia_buf_format(out, "],\"complete\":%s", missing ? "false" : "true");
    if (!has_all_receipts(shown, receipts, api->member->name)) put_progress(out, api, shown);
}

/* ---- consent ------------------------------------------------------------------------------- */

/* "state": what of all that was said counts. Whether a permission still holds depends on the clock
 * and on other records: /customers/{id}/consents says so. */
static void put_consent_state(lia_buf *out, const lia_shown *shown)
{
    enum { PERMISSION = 4, OBJECTIONS = 5, FORM = 2, OBJECTED = 2 };
    const char *state = "none";
    lia_pb_reader reader = lia_pb_read(shown->message);
    lia_pb_field field, form;
    while (lia_pb_next(&reader, &field)) {
        if (field.number == PERMISSION) state = "permitted";
        if (field.number != OBJECTIONS) continue;
        bool objected = lia_pb_find(field.bytes, FORM, &form) && form.value == OBJECTED;
        if (objected || strcmp(state, "objected") != 0) state = objected ? "objected" : "withdrawn";
    }
    lia_buf_format(out, ",\"state\":\"%s\"", state);
}

/* ---- the record ------------------------------------------------------------------------------ */

void lia_shown_put(lia_buf *out, const lia_api *api, const lia_shown *shown, unsigned parts)
{
    char version[LIA_VERSION_TEXT_SIZE];
    lia_version_print(&shown->top, version);
    lia_buf_text(out, "\"id\":");
    lia_json_put_id(out, shown->id);
    lia_buf_byte(out, ',');
    if (lia_json_put_members(out, shown->kind->message, shown->message)) lia_buf_byte(out, ',');
    lia_buf_text(out, "\"created_at\":");
    lia_json_put_time(out, shown->created);
    lia_buf_text(out, ",\"updated_at\":");
    lia_json_put_time(out, shown->updated);
    lia_buf_text(out, ",\"version\":\"");
    lia_buf_text(out, version);
    lia_buf_byte(out, '"');
    if (shown->kind->number == LIA_ERASURE) put_missing(out, api, shown);
    if (shown->kind->number == LIA_CONSENT) put_consent_state(out, shown);
    if (parts & LIA_SHOW_CONFLICTS) put_conflicts(out, api, shown);
    if (parts & LIA_SHOW_HISTORY) put_history(out, api, shown);
}

void lia_shown_put_object(lia_buf *out, const lia_api *api, const lia_shown *shown, unsigned parts)
{
    lia_buf_byte(out, '{');
    lia_shown_put(out, api, shown, parts);
    lia_buf_byte(out, '}');
}
