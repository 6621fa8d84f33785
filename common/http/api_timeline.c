/* SPDX-License-Identifier: Apache-2.0 */
/* All records of a customer have timelines with the same order of keys, so they are merged by
 * stepping the scan that stands at the smallest one. */
#include "common/http/api_timeline.h"

#include "common/events/said.h"

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct strand {
    lia_scan *scan;
    lia_key prefix;
    uint8_t place[LIA_TIMELINE_PLACE_SIZE];
    uint64_t arrival;
    bool changed, has;
} strand;

static lia_err step(strand *s)
{
    lia_span key, value;
    s->has = lia_scan_next(s->scan, &key, &value);
    if (!s->has) return lia_scan_status(s->scan);
    if (key.size != s->prefix.size + sizeof s->place || value.size < 9) return LIA_ECORRUPT;
    memcpy(s->place, key.data + s->prefix.size, sizeof s->place);
    s->arrival = lia_get_u64(value.data);
    s->changed = value.data[8] & 1;
    return LIA_OK;
}

static lia_err open_strand(strand *s, const lia_rows *rows, lia_id customer, lia_span after)
{
    s->prefix = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_TIMELINE);
    lia_err err = lia_rows_scan(rows, lia_key_span(&s->prefix), &s->scan);
    if (err) return err;
    if (after.size) {
        lia_key key = s->prefix;
        memcpy(key.bytes + key.size, after.data, after.size);
        key.size += after.size;
        lia_scan_seek(s->scan, lia_key_span(&key));
    }
    err = step(s);
    bool again = s->has && after.size && memcmp(s->place, after.data, after.size) == 0;
    return !err && again ? step(s) : err;
}

static strand *newest(strand *strands, size_t count)
{
    strand *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (strands[i].has &&
            (!first || memcmp(strands[i].place, first->place, sizeof first->place) < 0))
            first = &strands[i];
    return first;
}

/* Moves on; a fact that names two records of the customer stands on both timelines. */
static lia_err step_behind(strand *strands, size_t count, const uint8_t *place)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < count && !err; i++)
        if (strands[i].has && memcmp(strands[i].place, place, LIA_TIMELINE_PLACE_SIZE) == 0)
            err = step(&strands[i]);
    return err;
}

static lia_err take(const lia_rows *rows, strand *from, lia_timeline_entry *out)
{
    /* The first eight bytes are the complement of the time, with the sign flipped. */
    out->time.ms = (int64_t)(~lia_get_u64(from->place) ^ (UINT64_C(1) << 63));
    out->arrival = from->arrival;
    out->changed = from->changed;
    return lia_rows_event(rows, from->arrival, &out->bytes);
}

lia_err lia_timeline_read(const lia_rows *rows, const lia_id *members, size_t member_count,
                          lia_span place, size_t max, lia_arena *arena, lia_timeline_entry *out,
                          lia_id *whose, size_t *count, lia_span *next)
{
    *count = 0;
    *next = LIA_SPAN_NONE;
    if (place.size && place.size != LIA_TIMELINE_PLACE_SIZE) return LIA_EINVAL;
    uint8_t last[LIA_TIMELINE_PLACE_SIZE];
    strand *strands = lia_arena_zero(arena, (member_count + 1) * sizeof *strands), *at;
    lia_err err = strands ? LIA_OK : LIA_EFULL;
    for (size_t i = 0; !err && i < member_count; i++)
        err = open_strand(&strands[i], rows, members[i], place);
    while (!err && *count < max && (at = newest(strands, member_count))) {
        err = take(rows, at, &out[*count]);
        whose[*count] = members[at - strands];
        ++*count;
        memcpy(last, at->place, sizeof last);
        if (!err) err = step_behind(strands, member_count, last);
    }
    if (!err && *count && *count == max && newest(strands, member_count)) {
        *next = lia_arena_copy(arena, LIA_SPAN_OF(last));
        if (!next->data) err = LIA_EFULL;
    }
    for (size_t i = 0; strands && i < member_count; i++)
        if (strands[i].scan) lia_scan_close(strands[i].scan);
    return err;
}

/* ---- an entry -------------------------------------------------------------------------------- */

/* An interaction is the event's first op; once it has been changed, or when it was written with
 * sets, its record says what it is. */
static lia_err load_interaction(lia_entry_shown *out, const lia_principal *who,
                                const lia_rows *rows, bool changed, lia_arena *arena)
{
    const lia_op *op = &out->event.ops[0];
    lia_shown shown;
    out->kind = lia_rights_kind(lia_principal_rights(who), op->kind);
    out->record = op->record;
    out->message = op->set;
    if (!out->kind || (!changed && !op->touch_count)) return LIA_OK;
    lia_err err = lia_shown_load(&shown, who, rows, out->kind, op->record, arena);
    if (err == LIA_EFULL) return err;
    if (err) /* it has gone meanwhile */
        out->kind = NULL;
    else
        out->message = shown.message;
    return LIA_OK;
}

lia_err lia_entry_load(lia_entry_shown *out, const lia_principal *who, const lia_rows *rows,
                       const lia_timeline_entry *entry, lia_arena *arena)
{
    bool allowed;
    *out = (lia_entry_shown){0};
    lia_err err = lia_event_parse(&out->event, entry->bytes, arena, NULL);
    if (err) return err == LIA_EFULL ? err : LIA_ECORRUPT;
    const lia_said said = {.event = out->event, .rows = rows, .arena = arena};
    err = lia_said_may(&said, who, &allowed);
    if (err || !allowed) return err ? err : LIA_EABSENT;
    out->fact = lia_fact_find(out->event.header.fact);
    if (out->event.erased || !out->fact) return LIA_OK;
    if (out->fact->number == LIA_INTERACTION_LOGGED && out->event.op_count)
        return load_interaction(out, who, rows, entry->changed, arena);
    if (lia_said_shows_fact(&said, who)) out->message = out->event.fact;
    return LIA_OK;
}

static void put_what(lia_buf *out, const lia_entry_shown *shown)
{
    if (shown->event.erased) {
        lia_buf_text(out, ",\"erased\":true");
    } else if (shown->kind) {
        lia_buf_format(out, ",\"%s\":{\"id\":", shown->kind->name);
        lia_json_put_id(out, shown->record);
        size_t before = out->size;
        lia_buf_byte(out, ',');
        if (!lia_json_put_members(out, shown->kind->message, shown->message)) out->size = before;
        lia_buf_byte(out, '}');
    } else if (shown->fact && shown->fact->number != LIA_INTERACTION_LOGGED) {
        lia_buf_text(out, ",\"fact\":");
        lia_json_put_message(out, shown->fact->message, shown->message);
    }
}

lia_err lia_entry_put(lia_buf *out, const lia_api *api, const lia_principal *who,
                      const lia_rows *rows, const lia_timeline_entry *entry, lia_id whose,
                      lia_arena *arena)
{
    lia_entry_shown shown;
    lia_err err = lia_entry_load(&shown, who, rows, entry, arena);
    if (err) return err;
    const lia_header *header = &shown.event.header;
    const lia_fact *fact = shown.fact;

    lia_buf_text(out, "{\"time\":");
    lia_json_put_time(out, entry->time);
    lia_buf_text(out, ",\"event\":\"");
    lia_buf_text(out, fact ? fact->name : "unknown");
    lia_buf_text(out, "\",\"label\":");
    lia_json_put_text(out, lia_span_text(fact ? fact->label : "Something newer than this node"));
    const char *department = lia_department_name((lia_department)header->department);
    lia_buf_text(out, ",\"department\":\"");
    lia_buf_text(out, department ? department : "unknown");
    lia_buf_text(out, "\",\"node\":");
    lia_json_put_text(out, lia_span_text(lia_api_node_name(api, header->node)));
    lia_buf_text(out, ",\"seq\":");
    lia_json_put_uint(out, header->seq);
    if (!lia_id_is_none(whose)) {
        lia_buf_text(out, ",\"customer\":");
        lia_json_put_id(out, whose);
    }
    put_what(out, &shown);
    lia_buf_byte(out, '}');
    return LIA_OK;
}
