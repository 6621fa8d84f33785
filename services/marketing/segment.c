/* SPDX-License-Identifier: Apache-2.0 */
#include "services/marketing/segment.h"

#include "common/base/log.h"
#include "common/crm/lookup.h"
#include "common/node/fields.h"
#include "common/wire/catalog.h"
#include "common/wire/filter.h"

/* ---- filters, parsed once -------------------------------------------------------------------- */

typedef struct parsed {
    lia_id id;
    const char *name;
    lia_filter *filter; /* NULL: archived, or it does not parse: nobody belongs */
    struct parsed *next;
} parsed;

/* The writer thread's own: one marketing service in a process. */
static struct {
    lia_arena arena;
    parsed *first;
    bool fresh;
    uint64_t epoch; /* of the catalog that the filters are parsed with */
} cache;

/* Texts and trees of some thousand segments. */
#define CACHE_BYTES ((size_t)64 << 20)

lia_err lia_segments_forget(lia_turn *turn)
{
    (void)turn;
    cache.fresh = false;
    cache.first = NULL;
    if (!cache.arena.base) return lia_arena_init(&cache.arena, CACHE_BYTES);
    lia_arena_reset(&cache.arena);
    return LIA_OK;
}

/* Membership is settled again when the customer changes, and at no other time. */
static bool is_kept_up(const lia_filter *filter)
{
    return !lia_filter_needs(filter);
}

lia_err lia_segment_check(lia_turn *turn, const Marketing__Segment *segment)
{
    lia_filter *filter;
    lia_why why = {0};
    lia_err err = lia_filter_parse(&filter, lia_kind_find(LIA_CUSTOMER),
                                   lia_span_text(segment->filter), turn->arena, &why);
    if (err) return lia_turn_fail(turn, err, "filter: %s", why.text);
    return is_kept_up(filter) ? LIA_OK
                              : lia_turn_fail(turn, LIA_EINVAL,
                                              "filter: a segment follows changes of the customer "
                                              "alone: no clock, other records or figures");
}

static lia_err keep(lia_id id, const Marketing__Segment *record)
{
    parsed *kept = lia_arena_zero(&cache.arena, sizeof *kept);
    lia_span name = lia_arena_copy(&cache.arena, lia_span_text(record->name));
    lia_span text = lia_arena_copy(&cache.arena, lia_span_text(record->filter));
    if (!kept || !name.data || !text.data) return LIA_EFULL;
    *kept = (parsed){.id = id, .name = (const char *)name.data, .next = cache.first};
    cache.first = kept;
    if (record->archived) return LIA_OK;
    lia_why why = {0};
    lia_err err =
        lia_filter_parse(&kept->filter, lia_kind_find(LIA_CUSTOMER), text, &cache.arena, &why);
    if (err == LIA_EFULL) return err;
    if (!err && !is_kept_up(kept->filter))
        err = lia_why_set(&why, LIA_EINVAL, "it needs more than the customer");
    if (err) {
        kept->filter = NULL;
        LIA_LOG(WARN, "segment.unreadable", LIA_ID("segment", id), LIA_TEXT("why", why.text));
    }
    return LIA_OK;
}

/* Moves the scan to the next record of the kind behind `last` and gives its id. */
static bool next_record(lia_scan *scan, uint16_t kind, lia_id last, lia_id *id)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    size_t prefix = lia_key_kind(kind).size;
    if (!lia_id_is_none(last)) {
        lia_key behind = lia_key_tag(kind, last, BEHIND_ALL_TAGS);
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    lia_span key, row;
    if (!lia_scan_next(scan, &key, &row) || key.size < prefix + LIA_ID_SIZE) return false;
    *id = lia_id_from(lia_span_make(key.data + prefix, LIA_ID_SIZE));
    return true;
}

static lia_err refresh(lia_turn *turn)
{
    if (cache.fresh && cache.epoch == lia_catalog_epoch()) return LIA_OK;
    lia_err err = lia_segments_forget(turn);
    if (err) return err;
    lia_key prefix = lia_key_kind(LIA_SEGMENT);
    lia_scan *scan;
    err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    lia_id id = LIA_ID_NONE;
    while (!err && next_record(scan, LIA_SEGMENT, id, &id)) {
        Marketing__Segment *record;
        err = lia_load(turn, LIA_SEGMENT, id, &record);
        if (!err) err = keep(id, record);
        if (err == LIA_EABSENT) err = LIA_OK;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    cache.fresh = !err;
    cache.epoch = lia_catalog_epoch();
    return err;
}

/* ---- one customer ---------------------------------------------------------------------------- */

typedef struct whom {
    lia_filter_subject filter;
    bool archived;
} whom;

static lia_err load_subject(lia_turn *turn, lia_id customer, whom *out)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    lia_record record;
    lia_err err =
        lia_rows_record(lia_turn_rows(turn), LIA_CUSTOMER, customer, turn->arena, &record);
    if (err) return err == LIA_EGONE ? LIA_EABSENT : err;
    lia_buf message = lia_buf_make(turn->arena);
    lia_record_message(&record, kind->message, &message);
    if (message.failed) return LIA_EFULL;
    *out = (whom){.filter = {.id = customer,
                             .created_at = lia_rows_created_at(customer, &record),
                             .message = lia_buf_get(&message)}};
    lia_pb_field field;
    out->archived = lia_pb_find(out->filter.message, kind->archived->number, &field) && field.value;
    return LIA_OK;
}

lia_id lia_membership_id(lia_id segment, lia_id customer)
{
    uint8_t pair[2 * LIA_ID_SIZE];
    memcpy(pair, segment.bytes, LIA_ID_SIZE);
    memcpy(pair + LIA_ID_SIZE, customer.bytes, LIA_ID_SIZE);
    return lia_id_derive("marketing.member", LIA_SPAN_OF(pair));
}

static lia_err is_member(lia_turn *turn, lia_id membership, bool *member)
{
    *member = false;
    lia_err err = lia_record_exists(turn, LIA_MEMBERSHIP, membership);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    Marketing__Membership *record;
    err = lia_load(turn, LIA_MEMBERSHIP, membership, &record);
    if (!err) *member = record->member;
    return err;
}

static lia_err tell(lia_turn *turn, const parsed *segment, bool enters)
{
    if (enters) {
        Marketing__SegmentEntered fact = MARKETING__SEGMENT_ENTERED__INIT;
        LIA_SET_ID(&fact, segment, &segment->id);
        fact.name = segment->name;
        return lia_tell(turn, &fact);
    }
    Marketing__SegmentLeft fact = MARKETING__SEGMENT_LEFT__INIT;
    LIA_SET_ID(&fact, segment, &segment->id);
    fact.name = segment->name;
    return lia_tell(turn, &fact);
}

/* Writes the membership if it has changed; *written counts. */
static lia_err settle(lia_turn *turn, const parsed *segment, const whom *subject, size_t *written)
{
    bool belongs = segment->filter && !subject->archived &&
                   lia_filter_holds(segment->filter, &subject->filter);
    lia_id id = lia_membership_id(segment->id, subject->filter.id);
    bool member;
    lia_err err = is_member(turn, id, &member);
    if (err || member == belongs) return err;

    Marketing__Membership record = MARKETING__MEMBERSHIP__INIT;
    LIA_SET_ID(&record, customer, &subject->filter.id);
    LIA_SET_ID(&record, segment, &segment->id);
    LIA_SET(&record, member, belongs);
    LIA_SET(&record, since, turn->now.ms);
    err = lia_record(turn, LIA_MEMBERSHIP, id, &record);
    if (err) return err;
    ++*written;
    return tell(turn, segment, belongs);
}

lia_err lia_segments_follow(lia_turn *turn, lia_id customer)
{
    lia_err err = refresh(turn);
    if (err || !cache.first) return err;
    whom subject;
    err = load_subject(turn, customer, &subject);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    size_t written = 0;
    for (const parsed *s = cache.first; s && !err; s = s->next)
        if (s->filter) err = settle(turn, s, &subject, &written);
    return err;
}

/* ---- all customers --------------------------------------------------------------------------- */

lia_err lia_segment_begin_walk(lia_turn *turn, lia_id segment)
{
    return lia_job_set(turn, LIA_SEGMENT_WALK, segment, turn->now, LIA_SPAN_NONE);
}

/* Gathers the ids of the next customers before anything is written. */
static lia_err next_customers(lia_turn *turn, lia_id last, lia_id *ids, size_t *count)
{
    lia_key prefix = lia_key_kind(LIA_CUSTOMER);
    lia_scan *scan;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    *count = 0;
    while (*count < LIA_SEGMENT_WALK_MAX && next_record(scan, LIA_CUSTOMER, last, &ids[*count]))
        last = ids[(*count)++];
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_segment_walk(lia_turn *turn, lia_id id, lia_span payload)
{
    lia_err err = refresh(turn);
    const parsed *segment = cache.first;
    while (segment && !lia_id_equal(segment->id, id)) segment = segment->next;
    if (err || !segment) return err;

    lia_id *ids = lia_arena_take(turn->arena, LIA_SEGMENT_WALK_MAX * sizeof *ids);
    if (!ids) return LIA_EFULL;
    size_t count = 0, done = 0, written = 0;
    err = next_customers(turn, lia_id_from(payload), ids, &count);
    for (; done < count && written < LIA_SEGMENT_WRITES_MAX && !err; done++) {
        whom subject;
        err = load_subject(turn, ids[done], &subject);
        if (!err) err = settle(turn, segment, &subject, &written);
        if (err == LIA_EABSENT) err = LIA_OK;
    }
    if (err || !done) return err;
    return lia_job_set(turn, LIA_SEGMENT_WALK, id, turn->now, lia_id_span(&ids[done - 1]));
}
