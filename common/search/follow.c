/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that keeps the index. It reads which records an event touched from the log, and what
 * they say now from a snapshot of the views, which is at that event or later: so what is put in is
 * never older than the mark, and doing it again changes nothing. What no event tells (a new or
 * damaged index, state taken over from a peer, events that have left the log, rows put right, other
 * searchable fields) is found by looking at all records once, in slices between which the log is
 * followed. */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/identity/settings.h"
#include "common/node/blank.h"
#include "common/search/inner.h"
#include "common/search/text.h"
#include "common/store/log_retain.h"
#include "common/wire/event.h"

#define EVENTS_MAX  4096 /* of a step */
#define RECORDS_MAX 2048
#define STEP_MS     40 /* a step holds a snapshot and a log reader */
#define IDLE_MS     2000
#define RETRY_MS    1000
/* Numbers are never used again; then the index is made anew. */
#define DOCUMENTS_MAX (UINT32_MAX / 2)
#define NICE          10 /* whoever writes comes first, also an import on busy cores */

/* A step: one state of the node. */
typedef struct step {
    lia_search *search;
    lia_index *index;
    lia_index_mark *mark;
    lia_rows rows;
    uint64_t visible, until_ns;
} step;

/* ---- one record ------------------------------------------------------------------------------ */

#define CUSTOMERS_MAX 64

/* Who is in what a record says: whom it names, and whom events named that wrote it. */
static lia_err customers_of(const step *s, const lia_kind *kind, lia_id id, lia_span message,
                            lia_id out[CUSTOMERS_MAX], size_t *count)
{
    lia_pb_field found;
    lia_scan *scan;
    lia_span key, value;
    lia_record_key part;
    *count = 0;
    if (kind->number == LIA_CUSTOMER) out[(*count)++] = id;
    if (kind->customer && lia_pb_find(message, kind->customer->number, &found) &&
        found.bytes.size == LIA_ID_SIZE)
        out[(*count)++] = lia_id_from(found.bytes);
    lia_key parts = lia_key_tag(kind->number, id, LIA_TAG_PART);
    lia_err err = lia_rows_get(&s->rows, lia_key_span(&parts), &value);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    err = lia_rows_scan(&s->rows, lia_key_span(&parts), &scan);
    if (err) return err;
    while (*count < CUSTOMERS_MAX && lia_scan_next(scan, &key, &value))
        if (lia_record_key_read(key, &part) && part.rest.size == LIA_ID_SIZE)
            out[(*count)++] = lia_id_from(part.rest);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static bool is_archived(const lia_kind *kind, lia_span message)
{
    lia_pb_field found;
    return kind->archived && lia_pb_find(message, kind->archived->number, &found) && found.value;
}

/* Within one state of the node a record needs to be looked at once. */
static bool seen_before(step *s, uint16_t kind, lia_id id)
{
    lia_index_record *recent =
        &s->search->recent[(id.bytes[15] | id.bytes[14] << 8) % LIA_SEARCH_RECENT];
    if (recent->kind == kind && lia_id_equal(recent->id, id)) return true;
    *recent = (lia_index_record){kind, id};
    return false;
}

static bool is_searched(const lia_kind *kind)
{
    return kind && !kind->secret && lia_text_any(kind);
}

/* Brings the index in step with a record. */
static lia_err look_at(step *s, uint32_t number, lia_id id)
{
    const lia_kind *kind = lia_kind_find(number);
    lia_id customers[CUSTOMERS_MAX];
    size_t mark = lia_arena_mark(&s->search->arena);
    lia_indexed record = {.kind = kind, .id = id, .home = s->search->home, .customers = customers};
    if (!is_searched(kind) || seen_before(s, kind->number, id)) return LIA_OK;
    lia_err err = lia_rows_message(&s->rows, kind, id, &s->search->arena, &record.message, NULL);
    bool gone = err && err != LIA_EFULL && err != LIA_EIO; /* or unreadable until it is repaired */
    if (!err) err = customers_of(s, kind, id, record.message, customers, &record.customer_count);
    if (gone) lia_index_owe(s->index);
    if (gone || (!err && is_archived(kind, record.message)))
        err = lia_index_remove(s->index, kind->number, id);
    else if (!err)
        err = lia_index_put(s->index, &record);
    lia_arena_back(&s->search->arena, mark);
    return err;
}

/* ---- the log --------------------------------------------------------------------------------- */

static bool has_time(const step *s)
{
    return lia_time_ticks_ns() < s->until_ns;
}

static lia_err look_at_event(step *s, lia_span bytes)
{
    lia_event event;
    lia_err err = LIA_OK;
    lia_arena_reset(&s->search->arena);
    if (lia_event_parse(&event, bytes, &s->search->arena, NULL)) return LIA_OK; /* inert */
    for (size_t i = 0; i < event.op_count && !err; i++)
        err = look_at(s, event.ops[i].kind, event.ops[i].record);
    if (err || event.header.fact != LIA_RETENTION_BLANKED) return err;
    lia_blank_ids ids = lia_blank_ids_of(event.fact);
    lia_id id;
    while (!err && lia_blank_next(&ids, &id)) err = look_at(s, ids.kind, id);
    return err;
}

static lia_err follow(step *s)
{
    lia_err err = LIA_OK;
    lia_span bytes;
    uint64_t arrival;
    for (size_t i = 0; i < EVENTS_MAX && s->mark->arrival < s->visible && !err; i++) {
        if (i && !has_time(s)) break;
        err = lia_log_event_from(s->rows.log, s->mark->arrival + 1, &arrival, &bytes);
        bool none = err == LIA_EABSENT || (!err && arrival > s->visible);
        if (none) arrival = s->visible;
        if (none || err)
            err = none ? LIA_OK : err;
        else
            err = look_at_event(s, bytes);
        if (!err) s->mark->arrival = arrival;
    }
    return err;
}

/* ---- all records ----------------------------------------------------------------------------- */

static void step_over(lia_scan *scan, uint16_t kind, lia_id id)
{
    lia_key next = lia_key_tag(kind, id, 0xff);
    lia_scan_seek(scan, lia_key_span(&next));
}

/* Records of a kind behind the mark; *done: there are no more. */
static lia_err scan_kind(step *s, uint16_t kind, bool *done)
{
    lia_scan *scan;
    lia_span key, value;
    lia_record_key row;
    size_t looked = 0;
    lia_key prefix = lia_key_kind(kind);
    lia_err err = lia_rows_scan(&s->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    if (!lia_id_is_none(s->mark->scan_id)) step_over(scan, kind, s->mark->scan_id);
    *done = true;
    while (!err && lia_scan_next(scan, &key, &value)) {
        if (looked == RECORDS_MAX || (looked && !has_time(s))) {
            *done = false;
            break;
        }
        if (!lia_record_key_read(key, &row)) continue;
        if (row.tag == LIA_TAG_STATE) {
            lia_arena_reset(&s->search->arena);
            err = look_at(s, kind, row.id);
            s->mark->scanned++;
            looked++;
        }
        if (err) break;
        s->mark->scan_id = row.id;
        step_over(scan, kind, row.id);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* Records that are in the index: they are brought in step with the views too, or go with their
 * kind. *done: there are no more. */
static lia_err scan_index(step *s, bool *done)
{
    lia_index_record list[256];
    lia_index_key from = lia_key_record_of(s->mark->scan_kind, s->mark->scan_id);
    size_t count = 0;
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_views_scan(lia_index_views(s->index), LIA_SPAN("o"), &scan);
    if (err) return err;
    from.bytes[from.size++] = 0;
    lia_scan_seek(scan, lia_index_key_span(&from));
    while (count < LIA_COUNT(list) && lia_scan_next(scan, &key, &value))
        if (key.size == 3 + LIA_ID_SIZE)
            list[count++] =
                (lia_index_record){lia_get_u16(key.data + 1), lia_id_from(lia_span_skip(key, 3))};
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    for (size_t i = 0; i < count && !err; i++) {
        lia_arena_reset(&s->search->arena);
        err = is_searched(lia_kind_find(list[i].kind))
                  ? look_at(s, list[i].kind, list[i].id)
                  : lia_index_remove(s->index, list[i].kind, list[i].id);
        if (err) break;
        s->mark->scan_kind = list[i].kind;
        s->mark->scan_id = list[i].id;
    }
    *done = count < LIA_COUNT(list);
    return err;
}

static void scan_on(step *s, lia_index_scan what)
{
    s->mark->scan = (uint8_t)what;
    s->mark->scan_kind = 0;
    s->mark->scan_id = LIA_ID_NONE;
}

/* The first kind with a number of at least `from` that is searched. */
static const lia_kind *kind_from(uint32_t from)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t i = 0; i < count; i++)
        if (kinds[i].number >= from && is_searched(&kinds[i])) return &kinds[i];
    return NULL;
}

static lia_err scan(step *s)
{
    bool done = false;
    lia_err err = LIA_OK;
    if (s->mark->scan == LIA_SCAN_INDEX) {
        err = scan_index(s, &done);
        if (!err && done) {
            scan_on(s, LIA_SCAN_NONE);
            LIA_LOG(INFO, "search.scanned", LIA_INT("records", s->mark->scanned),
                    LIA_INT("documents", s->mark->live));
        }
        return err;
    }
    const lia_kind *kind = kind_from(s->mark->scan_kind);
    if (!kind) {
        scan_on(s, LIA_SCAN_INDEX);
        return LIA_OK;
    }
    if (kind->number != s->mark->scan_kind) s->mark->scan_id = LIA_ID_NONE;
    s->mark->scan_kind = kind->number;
    err = scan_kind(s, kind->number, &done);
    if (!err && done) {
        s->mark->scan_kind++;
        s->mark->scan_id = LIA_ID_NONE;
    }
    return err;
}

/* ---- whether the mark still means something ----------------------------------------------------
 */

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
    return hash;
}

/* What terms depend on beside the records. */
static uint64_t schema_of(lia_country home)
{
    size_t count;
    lia_text_class class;
    uint64_t hash = mix(0xcbf29ce484222325, &home, sizeof home);
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; is_searched(&kinds[i]) && j < kinds[i].message->count; j++) {
            const lia_field *field = &kinds[i].message->fields[j];
            if (!lia_text_searched(&kinds[i], field, &class)) continue;
            const uint32_t parts[] = {kinds[i].number, field->number, class};
            hash = mix(hash, parts, sizeof parts);
        }
    return hash;
}

/* Names an event, also when it was erased. 0: it is not there. */
static uint64_t anchor_of(const step *s, uint64_t arrival)
{
    lia_span bytes;
    lia_header header;
    if (!arrival || lia_log_event(s->rows.log, arrival, &bytes)) return 0;
    if (lia_event_parse_header(&header, bytes)) return 1;
    const uint64_t parts[] = {header.node, header.incarnation, header.seq};
    return mix(0xcbf29ce484222325, parts, sizeof parts) | 2;
}

static lia_err imports_of(const step *s, uint64_t *out)
{
    lia_span row;
    lia_key key = lia_key_imports();
    lia_err err = lia_rows_get(&s->rows, lia_key_span(&key), &row);
    *out = !err && row.size == 8 ? lia_get_u64(row.data) : 0;
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* Why all records have to be looked at; NULL: the log tells all that is new. */
static const char *why_scan(step *s, uint64_t schema, uint64_t imports, uint64_t gap)
{
    const lia_index_mark *mark = s->mark;
    bool asked;
    pthread_mutex_lock(&s->search->lock);
    asked = s->search->rescan;
    s->search->rescan = false;
    pthread_mutex_unlock(&s->search->lock);
    if (!mark->schema) return "the index is new";
    if (mark->schema != schema) return "other fields are searched";
    if (mark->arrival > s->visible) return "the log is another one";
    if (gap > mark->arrival) return "events have left the log";
    if (!s->search->anchored && gap < mark->arrival && mark->anchor != anchor_of(s, mark->arrival))
        return "the log is another one";
    if (mark->imports != imports) return "state was taken over";
    return asked ? "rows were put right" : NULL;
}

static lia_err check(step *s)
{
    lia_settings settings;
    uint64_t imports, gap;
    lia_arena_reset(&s->search->arena);
    lia_err err = lia_settings_read(&settings, &s->rows, &s->search->arena);
    if (!err) err = imports_of(s, &imports);
    if (!err) err = lia_log_gap(s->rows.log, &gap);
    if (err) return err;
    s->search->home = settings.home;
    uint64_t schema = schema_of(settings.home);
    const char *why = why_scan(s, schema, imports, gap);
    s->search->anchored = true;
    if (!why && s->mark->next < DOCUMENTS_MAX) return LIA_OK;
    if (!why) why = "the numbers of documents are used up";
    LIA_LOG(INFO, "search.scanning", LIA_TEXT("why", why));
    if (s->mark->next >= DOCUMENTS_MAX) err = lia_index_reset(s->index, NULL);
    if (err) return err;
    s->mark->schema = schema;
    s->mark->imports = imports;
    s->mark->arrival = s->visible;
    s->mark->scanned = 0;
    scan_on(s, LIA_SCAN_RECORDS);
    return LIA_OK;
}

/* ---- forgetting ------------------------------------------------------------------------------ */

/* Whoever was erased: what readers see of these records now has nothing of them. */
static lia_err forget_one(step *s, lia_id customer)
{
    lia_index_record list[256];
    size_t count;
    lia_err err;
    do {
        err = lia_index_records_of(s->index, customer, list, LIA_COUNT(list), &count);
        for (size_t i = 0; i < count && !err; i++) {
            err = is_searched(lia_kind_find(list[i].kind))
                      ? look_at(s, list[i].kind, list[i].id)
                      : lia_index_remove(s->index, list[i].kind, list[i].id);
            if (!err) err = lia_index_unlink(s->index, customer, list[i]);
        }
    } while (!err && count == LIA_COUNT(list));
    return err;
}

typedef struct orders {
    lia_id *list;
    size_t count;
    uint64_t told;
    uint64_t until; /* what was visible when they came must be in; 0: not looked at yet */
    bool held;      /* not carried out yet */
    bool stop;
} orders;

/* Whoever was erased goes now, what rules took away as the log is followed; both are waited for. */
static lia_err forget(step *s, orders *of)
{
    lia_err err = LIA_OK;
    if (of->held && !of->until) of->until = s->visible;
    for (size_t i = 0; i < of->count && !err; i++) {
        lia_arena_reset(&s->search->arena);
        err = forget_one(s, of->list[i]);
    }
    return err;
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Waits until there is something to do. *idle: nothing came for a while. */
static void wait_for_work(lia_search *search, uint64_t ms, orders *out, bool *idle)
{
    struct timespec until;
    int waited = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&search->lock);
    while (!search->stop && !search->woken && ms && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&search->ready, &search->lock, &until);
    *idle = waited == ETIMEDOUT;
    search->woken = false;
    out->stop = search->stop;
    if (!out->held) {
        *out = (orders){.list = search->forget,
                        .count = search->forget_count,
                        .told = search->told,
                        .held = search->forgotten != search->told,
                        .stop = search->stop};
        search->forget = NULL;
        search->forget_count = search->forget_room = 0;
    }
    pthread_mutex_unlock(&search->lock);
}

static void tell(lia_search *search, const orders *of, lia_err err)
{
    const lia_index_mark *mark = lia_index_state(search->index);
    const lia_kind *kind = mark->scan == LIA_SCAN_RECORDS ? kind_from(mark->scan_kind) : NULL;
    lia_views_stats stats;
    lia_views_get_stats(lia_index_views(search->index), &stats);
    uint64_t visible = lia_node_visible(search->node);
    pthread_mutex_lock(&search->lock);
    if (!err && !of->held) search->forgotten = of->told;
    if (mark->arrival >= visible) search->behind_since_ns = 0;
    lia_search_status *status = &search->status;
    status->documents = mark->live;
    status->scanning = mark->scan != LIA_SCAN_NONE;
    status->scanned = mark->scanned;
    status->scan_kind = kind ? kind->plural : "";
    status->disk_used = stats.disk_used;
    status->err = err;
    __atomic_store_n(&search->arrival, mark->arrival, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&search->lock);
}

static lia_err take_step(step *s, orders *of)
{
    s->visible = lia_snapshot_cursor(s->rows.snapshot);
    s->until_ns = lia_time_ticks_ns() + STEP_MS * UINT64_C(1000000);
    memset(s->search->recent, 0, LIA_SEARCH_RECENT * sizeof *s->search->recent);
    lia_err err = check(s);
    if (!err) err = forget(s, of);
    if (!err) err = follow(s);
    if (!err && s->mark->scan) err = scan(s);
    if (!err) s->mark->anchor = anchor_of(s, s->mark->arrival);
    return err;
}

/* One step; *more: there is work for another. */
static lia_err work(lia_search *search, orders *of, bool *more, lia_why *why)
{
    step s = {.search = search, .index = search->index, .mark = lia_index_state(search->index)};
    lia_err err = lia_node_scan(search->node, &s.rows);
    if (err) return err;
    lia_catalog_use(s.rows.catalog);
    err = take_step(&s, of);
    lia_node_scan_end(&s.rows);
    *more = s.mark->arrival < s.visible || s.mark->scan;
    bool ends = !err && of->held && s.mark->arrival >= of->until;
    if (ends) lia_index_call_in(search->index);
    if (!err) err = lia_index_publish(search->index, why);
    bool clean = s.mark->unclean || (!*more && lia_index_is_stale(search->index));
    if (!err && clean) {
        err = lia_index_clean(search->index, why);
        if (!err) LIA_LOG(INFO, "search.cleaned", LIA_INT("documents", s.mark->live));
    }
    if (!err && ends) of->held = false;
    return err;
}

/* The index is derived: when it is not what was written, it is made anew. */
static void try_again(lia_search *search, lia_err err, const lia_why *why, lia_err before)
{
    if (err != before)
        LIA_LOG(WARN, "search.stopped", LIA_ERR(err),
                LIA_TEXT("why", why->text[0] ? why->text : lia_err_text(err)));
    if (err == LIA_ECORRUPT && lia_index_reset(search->index, NULL))
        LIA_LOG(ERROR, "search.not_reset", LIA_ERR(err));
}

void *lia_search_main(void *context)
{
    lia_search *search = context;
    lia_err err = LIA_OK;
    bool more = true, flushed = false, idle;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    orders of = {0};
    for (;;) {
        lia_why why = {{0}};
        lia_err before = err;
        wait_for_work(search, err ? RETRY_MS : more ? 0 : IDLE_MS, &of, &idle);
        if (of.stop) {
            free(of.list);
            lia_catalog_use(NULL);
            return NULL;
        }
        bool quiet = idle && !more && !err && !of.held;
        err = quiet && !flushed ? lia_index_flush(search->index, &why) : LIA_OK;
        flushed |= quiet;
        if (!quiet) err = work(search, &of, &more, &why);
        if (!quiet) flushed = false;
        if (err) try_again(search, err, &why, before);
        tell(search, &of, err);
        if (err || of.held) continue;
        free(of.list);
        of = (orders){0};
    }
}
