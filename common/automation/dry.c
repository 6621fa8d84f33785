/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/dry.h"

#include <stdlib.h>

#include "common/automation/rule.h"
#include "common/automation/run.h"
#include "common/automation/trigger.h"
#include "common/base/hlc.h"
#include "common/node/before.h"
#include "common/node/fields.h"
#include "common/wire/unpack.h"

/* Rewound records, as rows; address space, not memory. */
#define ARENA_BYTES   ((size_t)128 << 20)
#define SCRATCH_BYTES ((size_t)16 << 20)

/* Events come out of order of time when a node was cut off. So many older ones in a row end the
 * walk. */
#define STALE_MAX 20000

/* ---- records on their way back ----------------------------------------------------------------
 */

enum { SLOTS = 1 << 17, RECORDS_MAX = SLOTS / 2 };

typedef struct slot {
    lia_id id;
    lia_span row; /* data NULL: free; empty: there is no such record */
} slot;

struct lia_dry_map {
    slot slots[SLOTS];
    size_t count;
};

static slot *find_slot(struct lia_dry_map *map, lia_id id)
{
    size_t at = (size_t)(lia_get_u64(id.bytes + 8) * UINT64_C(0x9e3779b97f4a7c15) >> 40);
    for (;; at++) {
        slot *s = &map->slots[at % SLOTS];
        if (!s->row.data || lia_id_equal(s->id, id)) return s;
    }
}

static lia_err put_row(lia_dry *dry, slot *s, const lia_record *record)
{
    lia_buf row = lia_buf_make(&dry->arena);
    lia_record_encode(record, &row);
    if (row.failed) return LIA_EFULL;
    s->row = lia_buf_get(&row);
    return LIA_OK;
}

/* The record as far back as the walk is. */
static lia_err load(lia_dry *dry, const lia_rows *rows, lia_id id, slot **out, lia_record *record)
{
    slot *s = *out = find_slot(dry->map, id);
    if (s->row.data) return lia_record_decode(record, s->row, &dry->scratch);
    if (dry->map->count == RECORDS_MAX) return LIA_EFULL;
    *record = (lia_record){0};
    lia_err err = lia_rows_record(rows, dry->rule.kind->number, id, &dry->scratch, record);
    if (err == LIA_EABSENT || err == LIA_EGONE) err = LIA_OK; /* shows nothing: nothing fits */
    if (!err) err = put_row(dry, s, record);
    if (err) return err;
    s->id = id;
    dry->map->count++;
    return LIA_OK;
}

/* ---- counting ---------------------------------------------------------------------------------
 */

static void count(lia_dry *dry, lia_time time, lia_id record, lia_id customer, lia_position event)
{
    int64_t day = (dry->now.ms - time.ms) / LIA_DAY_MS;
    dry->runs++;
    if (day >= 0 && day < LIA_DRY_DAYS_MAX) dry->days[day]++;
    if (dry->example_count < LIA_DRY_EXAMPLES_MAX)
        dry->examples[dry->example_count++] = (lia_dry_example){time, record, customer, event};
}

/* ---- events -----------------------------------------------------------------------------------
 */

static lia_err consider(lia_dry *dry, const lia_event *event, const lia_op *op,
                        const lia_record *after, const lia_record *before, lia_id record)
{
    lia_subject then, was;
    const lia_header *header = &event->header;
    lia_err err = lia_subject_make(&then, after, dry->rule.kind, record, &dry->scratch);
    if (!err && before) err = lia_subject_make(&was, before, dry->rule.kind, record, &dry->scratch);
    if (err || !then.filter.message.size) return err;
    then.filter.world = was.filter.world = &dry->beyond.world;
    dry->beyond.world.now.ms = lia_hlc_ms(header->hlc);
    if (!lia_trigger_holds(&dry->rule, event, op, before ? &was : NULL, &then)) return LIA_OK;
    count(dry, dry->beyond.world.now, record, then.customer,
          (lia_position){header->incarnation, header->seq, header->node});
    return LIA_OK;
}

static lia_record copy(lia_dry *dry, const lia_record *record)
{
    lia_record out = *record;
    out.registers = lia_arena_take(&dry->scratch, (record->count + 1) * sizeof *out.registers);
    if (out.registers && record->count)
        memcpy(out.registers, record->registers, record->count * sizeof *out.registers);
    out.capacity = out.registers ? record->count : 0;
    return out;
}

static lia_err look_at_event(lia_dry *dry, const lia_rows *rows, const lia_event *event)
{
    const lia_op *op;
    lia_id id;
    slot *s;
    lia_record after, before;
    bool fits = lia_trigger_fits(&dry->rule, event, &op, &id) && !event->header.quiet &&
                event->header.depth < LIA_AUTOMATION_DEPTH_MAX;
    if (!fits && !op) return LIA_OK;
    lia_err err = load(dry, rows, id, &s, &after);
    if (err) return err;
    before = copy(dry, &after);
    if (!before.registers) return LIA_EFULL;
    if (op) err = lia_record_take_back(&before, rows, event, op, &dry->scratch);
    bool looks_back = op && lia_trigger_looks_back(&dry->rule);
    if (!err && fits) err = consider(dry, event, op, &after, looks_back ? &before : NULL, id);
    return !err && op ? put_row(dry, s, &before) : err;
}

static lia_err walk_events(lia_dry *dry, const lia_rows *rows, bool *more)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < LIA_DRY_SLICE_MAX && dry->arrival && !err; i++, dry->arrival--) {
        lia_span bytes;
        lia_event event;
        lia_arena_reset(&dry->scratch);
        err = lia_rows_event(rows, dry->arrival, &bytes);
        if (!err) err = lia_event_parse(&event, bytes, &dry->scratch, NULL);
        dry->looked++;
        if (err) { /* dropped, or of another release */
            if (err != LIA_EIO && err != LIA_ECORRUPT) err = LIA_OK;
            continue;
        }
        bool old = lia_hlc_ms(event.header.hlc) < dry->since.ms;
        dry->stale = old ? dry->stale + 1 : 0;
        if (dry->stale == STALE_MAX) dry->arrival = 1;
        if (!old && !event.erased) err = look_at_event(dry, rows, &event);
        if (dry->looked >= LIA_DRY_LOOKED_MAX && dry->arrival > 1) {
            dry->stopped = "more events than one dry run looks at";
            dry->arrival = 1;
        }
    }
    *more = dry->arrival > 0;
    return err;
}

/* ---- the clock --------------------------------------------------------------------------------
 */

/* How many rounds of a schedule began in the days. */
static uint64_t rounds(const lia_dry *dry)
{
    const Automation__Rule *rule = dry->rule.rule;
    int64_t first = rule->has_first_at ? rule->first_at : dry->since.ms;
    int64_t from = first > dry->since.ms ? first : dry->since.ms;
    if (from > dry->now.ms) return 0;
    int64_t before = (from - first + dry->rule.every_ms - 1) / dry->rule.every_ms;
    return (uint64_t)((dry->now.ms - first) / dry->rule.every_ms - before + 1);
}

/* The moment of a record; false when it has none in the days. */
static bool moment_of(const lia_dry *dry, const lia_subject *subject, int64_t *ms)
{
    lia_pb_field found;
    *ms = subject->filter.created_at.ms;
    if (dry->rule.field) {
        if (!lia_pb_find(subject->filter.message, dry->rule.field->number, &found)) return false;
        *ms = (int64_t)found.value;
    }
    return !__builtin_add_overflow(*ms, dry->rule.after_ms, ms) && *ms > dry->since.ms &&
           *ms <= dry->now.ms;
}

static lia_err look_at_record(lia_dry *dry, const lia_rows *rows, lia_id id)
{
    lia_record record;
    lia_subject subject;
    int64_t ms;
    const lia_definition *rule = &dry->rule;
    lia_arena_reset(&dry->scratch);
    lia_err err = lia_rows_record(rows, rule->kind->number, id, &dry->scratch, &record);
    if (!err) err = lia_subject_make(&subject, &record, rule->kind, id, &dry->scratch);
    if (err) return err == LIA_EGONE || err == LIA_EABSENT ? LIA_OK : err;
    subject.filter.world = &dry->beyond.world;
    if (subject.archived ||
        (rule->condition && !lia_filter_holds(rule->condition, &subject.filter)))
        return LIA_OK;
    const lia_position none = {0};
    if (rule->rule->trigger == AUTOMATION__TRIGGER__TRIGGER_MOMENT) {
        if (moment_of(dry, &subject, &ms)) count(dry, (lia_time){ms}, id, subject.customer, none);
        return LIA_OK;
    }
    uint64_t all = rounds(dry);
    if (!all) return LIA_OK;
    count(dry, dry->now, id, subject.customer, none);
    dry->runs += all - 1;
    return LIA_OK;
}

static lia_err walk_records(lia_dry *dry, const lia_rows *rows, bool *more)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    lia_key prefix = lia_key_kind(dry->rule.kind->number);
    lia_scan *scan;
    lia_span key, value;
    lia_record_key at;
    size_t seen = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    dry->beyond.world.now = dry->now;
    if (dry->after.size) lia_scan_seek(scan, lia_key_span(&dry->after));
    *more = false;
    while (!err && lia_scan_next(scan, &key, &value)) {
        if (!lia_record_key_read(key, &at)) continue;
        if (seen++ == LIA_DRY_SLICE_MAX) {
            *more = true;
            break;
        }
        lia_id id = at.id;
        dry->after = lia_key_tag(dry->rule.kind->number, id, BEHIND_ALL_TAGS);
        err = look_at_record(dry, rows, id);
        lia_scan_seek(scan, lia_key_span(&dry->after));
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    dry->looked += seen;
    if (*more && dry->looked >= LIA_DRY_LOOKED_MAX) {
        dry->stopped = "more records than one dry run looks at";
        *more = false;
    }
    return err;
}

/* ---- the door ---------------------------------------------------------------------------------
 */

static bool goes_by_clock(const lia_dry *dry)
{
    return dry->rule.rule->trigger == AUTOMATION__TRIGGER__TRIGGER_MOMENT ||
           dry->rule.rule->trigger == AUTOMATION__TRIGGER__TRIGGER_SCHEDULE;
}

lia_err lia_dry_slice(lia_dry *dry, const lia_rows *rows, bool *more)
{
    dry->beyond.rows = rows;
    dry->beyond.err = LIA_OK;
    lia_err err = goes_by_clock(dry) ? walk_records(dry, rows, more) : walk_events(dry, rows, more);
    if (err == LIA_EFULL) {
        dry->stopped = "more records than one dry run remembers";
        *more = false;
        err = LIA_OK;
    }
    return err;
}

static lia_err read_rule(lia_dry *dry, lia_span bytes, lia_why *why)
{
    bytes = lia_arena_copy(&dry->arena, bytes);
    Automation__Rule *rule =
        bytes.data ? (void *)lia_unpack(&automation__rule__descriptor, bytes, &dry->arena) : NULL;
    if (!rule) return LIA_EFULL;
    LIA_SET(rule, enabled, true);
    LIA_SET(rule, archived, false);
    lia_err err =
        lia_rule_read(&dry->rule, rule, (lia_department)rule->department, &dry->arena, why);
    if (err) return err;
    unsigned needs = dry->rule.condition ? lia_filter_needs(dry->rule.condition) : 0;
    if (dry->rule.before) needs |= lia_filter_needs(dry->rule.before);
    dry->as_of_now = goes_by_clock(dry) || needs & (LIA_FILTER_REFERENCE | LIA_FILTER_FIGURE);
    return LIA_OK;
}

lia_err lia_dry_open(lia_dry **out, lia_span rule, uint64_t newest, lia_time now, unsigned days,
                     lia_why *why)
{
    lia_dry *dry = calloc(1, sizeof *dry);
    *out = NULL;
    if (!dry) return LIA_EFULL;
    dry->now = now;
    dry->since.ms = now.ms - (int64_t)days * LIA_DAY_MS;
    dry->arrival = newest;
    dry->map = calloc(1, sizeof *dry->map);
    lia_err err = dry->map ? lia_arena_init(&dry->arena, ARENA_BYTES) : LIA_EFULL;
    if (!err) err = lia_arena_init(&dry->scratch, SCRATCH_BYTES);
    if (!err) err = lia_beyond_open(&dry->beyond, NULL, now);
    if (!err) err = read_rule(dry, rule, why);
    if (err) {
        lia_dry_close(dry);
        return err;
    }
    *out = dry;
    return LIA_OK;
}

void lia_dry_close(lia_dry *dry)
{
    if (!dry) return;
    lia_beyond_close(&dry->beyond);
    lia_arena_fini(&dry->scratch);
    lia_arena_fini(&dry->arena);
    free(dry->map);
    free(dry);
}
