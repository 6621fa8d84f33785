/* SPDX-License-Identifier: Apache-2.0 */
/* The timer's payload: from(8) until(8) and, when a round is under way, the key of the last row
 * that was looked at. A MOMENT rule looks at the rows of its field's index whose moment lies in
 * (from, until]; one about created_at at ids, which begin with the time. A SCHEDULE rule looks at
 * all records of its kind, for the round `until`. */
#include "common/automation/clock.h"

#include "common/automation/run.h"
#include "common/node/fields.h"

/* Rows that one call looks at. */
#define ROWS_MAX 256

typedef struct ringing {
    lia_turn *turn;
    lia_book *book;
    const lia_definition *d;
    int64_t from, until;
    lia_key last; /* row looked at; size 0: none */
    size_t looked;
    bool more;
    int64_t next_ms; /* moment of the first row behind; INT64_MAX: none is known */
} ringing;

static bool is_schedule(const lia_definition *d)
{
    return !d->is_flow && d->rule->trigger == AUTOMATION__TRIGGER__TRIGGER_SCHEDULE;
}

static bool is_moment(const lia_definition *d)
{
    return !d->is_flow && d->rule->trigger == AUTOMATION__TRIGGER__TRIGGER_MOMENT;
}

static lia_err set(lia_turn *turn, lia_id rule, int64_t due, const ringing *r)
{
    uint8_t payload[16 + LIA_VIEW_KEY_MAX];
    lia_put_u64(payload, (uint64_t)r->from);
    lia_put_u64(payload + 8, (uint64_t)r->until);
    memcpy(payload + 16, r->last.bytes, r->last.size);
    return lia_job_set(turn, LIA_CLOCK_JOB, rule, (lia_time){due},
                       lia_span_make(payload, 16 + r->last.size));
}

/* ---- rounds -----------------------------------------------------------------------------------
 */

/* The first round of a schedule behind `after`. */
static int64_t next_round(const lia_definition *d, int64_t after)
{
    int64_t first = d->rule->has_first_at ? d->rule->first_at : d->rule->enabled_at;
    if (after < first) return first;
    return first + ((after - first) / d->every_ms + 1) * d->every_ms;
}

static lia_err begin_clock(lia_turn *turn, const lia_definition *d)
{
    ringing r = {.from = d->rule->enabled_at};
    int64_t due = turn->now.ms;
    if (is_schedule(d)) {
        /* Rounds that nobody was there for are not made up for. */
        due = next_round(d, turn->now.ms - 1);
        r.until = due;
    }
    return set(turn, d->id, due, &r);
}

static bool has_clock(lia_turn *turn, lia_id rule)
{
    lia_time due;
    lia_buf name = lia_buf_make(turn->arena);
    lia_buf_add(&name, LIA_CLOCK_JOB, sizeof LIA_CLOCK_JOB);
    lia_buf_span(&name, lia_id_span(&rule));
    return !name.failed &&
           lia_log_job(lia_turn_rows(turn)->log, lia_buf_get(&name), &due) == LIA_OK;
}

lia_err lia_clock_changed(lia_turn *turn, lia_book *book, lia_id rule)
{
    const lia_definition *d = lia_book_find(book, rule);
    return d && is_schedule(d) ? begin_clock(turn, d) : LIA_OK;
}

lia_err lia_clocks_keep(lia_turn *turn, lia_book *book)
{
    lia_err err = LIA_OK;
    for (const lia_definition *d = book->first; d && !err; d = d->next)
        if ((is_schedule(d) || is_moment(d)) && !has_clock(turn, d->id)) err = begin_clock(turn, d);
    book->clocks = err != LIA_OK;
    return err;
}

/* ---- one record -------------------------------------------------------------------------------
 */

static lia_err consider(ringing *r, lia_id record, int64_t moment)
{
    lia_turn *turn = r->turn;
    const lia_definition *d = r->d;
    lia_subject subject;
    size_t mark = lia_arena_mark(turn->arena);
    lia_err err = lia_subject_load(&subject, r->book, lia_turn_rows(turn), d->kind, record,
                                   turn->now, turn->arena);
    bool holds = !err && !subject.archived &&
                 (!d->condition || lia_filter_holds(d->condition, &subject.filter));
    lia_arena_back(turn->arena, mark);
    if (!holds) return err == LIA_EABSENT ? LIA_OK : err;
    uint8_t occasion[8];
    lia_put_u64(occasion, (uint64_t)moment);
    const lia_start start = {
        .definition = d->id, .kind = d->kind->number, .record = record, .depth = 1};
    return lia_run_set_off(turn, lia_run_id(d->id, record, LIA_SPAN_OF(occasion)), &start, false,
                           false);
}

/* ---- rows -------------------------------------------------------------------------------------
 */

static lia_span bound(uint8_t bytes[10], int64_t ms)
{
    return lia_span_make(bytes, lia_varint_put(bytes, (uint64_t)ms));
}

/* The value of the indexed instant: its last eight bytes before the id, sign bit flipped. */
static bool value_of(const ringing *r, lia_span key, int64_t *value)
{
    lia_key prefix = lia_key_index_prefix(r->d->kind->number, r->d->field);
    if (key.size < prefix.size + 8 + LIA_ID_SIZE) return false;
    *value = (int64_t)(lia_get_u64(key.data + prefix.size) ^ (UINT64_C(1) << 63));
    return true;
}

/* The record of a row and its moment; false for rows that are of none. */
static bool read_row(const ringing *r, lia_span key, lia_id *record, int64_t *moment)
{
    lia_record_key at;
    *moment = r->until;
    if (r->d->field) {
        *record = lia_key_index_id(key);
        return value_of(r, key, moment) && !__builtin_add_overflow(*moment, r->d->after_ms, moment);
    }
    if (!lia_record_key_read(key, &at)) return false;
    *record = at.id;
    if (is_schedule(r->d)) return true;
    *moment = (int64_t)(lia_get_u64(at.id.bytes) >> 16) + r->d->after_ms;
    return at.id.bytes[6] >> 4 == 7;
}

static lia_key prefix_of(const ringing *r)
{
    return r->d->field ? lia_key_index_prefix(r->d->kind->number, r->d->field)
                       : lia_key_kind(r->d->kind->number);
}

static void keep_key(ringing *r, lia_span key)
{
    r->last.size = key.size;
    memcpy(r->last.bytes, key.data, key.size);
}

/* Puts the scan behind what was looked at. Records have several rows; 0xff is behind all their
 * tags. */
static void begin_scan(const ringing *r, lia_scan *scan)
{
    uint8_t bytes[10];
    lia_key key = r->last;
    const lia_definition *d = r->d;
    int64_t value;
    if (key.size && key.size < sizeof key.bytes) {
        key.bytes[key.size++] = 0xff;
    } else if (!is_schedule(d)) {
        if (__builtin_sub_overflow(r->from, d->after_ms, &value)) return;
        lia_id id = {{0}};
        lia_put_u64(id.bytes, (uint64_t)value << 16);
        key = d->field ? lia_key_index_value(d->kind->number, d->field, bound(bytes, value))
                       : lia_key_record(d->kind->number, id);
    }
    if (key.size) lia_scan_seek(scan, lia_key_span(&key));
}

/* Of a record's rows only the first is looked at. */
static void step_over(const ringing *r, lia_scan *scan, lia_id record)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    if (r->d->field) return;
    lia_key behind = lia_key_tag(r->d->kind->number, record, BEHIND_ALL_TAGS);
    lia_scan_seek(scan, lia_key_span(&behind));
}

static lia_err walk(ringing *r)
{
    lia_key prefix = prefix_of(r);
    lia_scan *scan;
    lia_span key, row;
    lia_err err = lia_rows_scan(lia_turn_rows(r->turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    begin_scan(r, scan);
    while (!err && lia_scan_next(scan, &key, &row)) {
        lia_id record;
        int64_t moment;
        bool is_row = read_row(r, key, &record, &moment);
        if (is_row && !is_schedule(r->d) && moment > r->until) {
            r->next_ms = moment;
            break;
        }
        if (r->looked++ == ROWS_MAX) {
            r->more = true;
            break;
        }
        keep_key(r, key);
        if (!r->d->field) r->last = lia_key_record(r->d->kind->number, record);
        if (is_row && (is_schedule(r->d) || moment > r->from)) err = consider(r, record, moment);
        step_over(r, scan, record);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- the job ----------------------------------------------------------------------------------
 */

static void read_payload(ringing *r, lia_span payload)
{
    if (payload.size < 16 || payload.size > 16 + sizeof r->last.bytes) return;
    r->from = (int64_t)lia_get_u64(payload.data);
    r->until = (int64_t)lia_get_u64(payload.data + 8);
    keep_key(r, lia_span_skip(payload, 16));
}

static lia_err end_round(ringing *r)
{
    int64_t now = r->turn->now.ms, due = now + LIA_CLOCK_LOOK_MS;
    r->last.size = 0;
    r->from = r->until;
    if (is_schedule(r->d)) {
        r->until = due = next_round(r->d, now);
    } else if (r->next_ms < due) {
        due = r->next_ms;
    }
    return set(r->turn, r->d->id, due, r);
}

lia_err lia_clock_ring(lia_turn *turn, lia_id rule, lia_span payload)
{
    ringing r = {.turn = turn, .next_ms = INT64_MAX};
    lia_err err = lia_book_open(turn, &r.book);
    if (err) return err;
    r.d = lia_book_find(r.book, rule);
    if (!r.d || (!is_schedule(r.d) && !is_moment(r.d))) return LIA_OK; /* no longer */
    read_payload(&r, payload);
    if (r.from < r.d->rule->enabled_at) r.from = r.d->rule->enabled_at;
    if (is_schedule(r.d) && !r.last.size && r.until > turn->now.ms)
        return set(turn, rule, r.until, &r);
    if (!is_schedule(r.d) && !r.last.size) r.until = turn->now.ms;
    err = walk(&r);
    if (err) return err;
    return r.more ? set(turn, rule, turn->now.ms, &r) : end_round(&r);
}
