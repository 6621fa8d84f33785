/* SPDX-License-Identifier: Apache-2.0 */
/* Views are rewritten before the first body is overwritten: from then on the disk's rows contain
 * the request, and no replay meets a timeline whose events can no longer say which records they
 * made. The log is walked by headers; nothing in it tells where a customer's events are, and a pass
 * for many requests costs what one costs. What retention rules have blanked goes with the same
 * pass; while they blank more it waits for them. */
#include "common/node/eraser.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/base.h"
#include "common/node/blank.h"
#include "common/node/erase.h"
#include "common/node/receipt.h"

#define WALK_EVENTS    4096 /* headers read in a step */
#define SCRUB_PAGES    256
#define REWRITE_ASK_MS 20
#define GATE_ASK_MS    1000 /* its own wait stops readers and writer for a moment */
#define RETRY_MS       2000

/* A request that does not come in this time is asked for in this node's own name. */
#define REQUEST_MS 10000
#define AWAIT_MS   100

/* A pass for blanked bodies begins when nothing more was blanked for so long, or for four times as
 * long as the last one took; it is put off for at most so long. */
#define QUIET_MS   250
#define QUIET_OF   4
#define PUT_OFF_MS 60000

/* Up to which arrival no body is left that was blanked. */
#define META_WIPED "blanked"

typedef enum state {
    RESTING,
    BEGINNING,
    REWRITING,
    WALKING,
    BASE,
    SCRUBBING,
    FORGETTING,
    AWAITING,
    SIGNING
} state;

typedef struct erased_customer {
    lia_id id;
    uint64_t events;
} erased_customer;

struct lia_eraser {
    lia_batch *batch;
    lia_log_reader *reader; /* the writer's; rests between steps */
    state state;
    uint64_t not_before_ns;
    erased_customer list[LIA_ERASER_CUSTOMERS_MAX];
    size_t count;
    size_t more;    /* than the list holds */
    uint64_t known; /* erased by the time of the list */
    uint64_t passes;
    bool blanks;             /* the pass is for blanked events, too */
    uint64_t blanked_events; /* overwritten by it */
    uint64_t wiped;          /* of those that came up to this arrival no body is left */
    uint64_t unwiped_ns;     /* since when there is more; 0: there is not */
    lia_wiping wiping;
    uint64_t began_ns, took_ns; /* the pass under way, the last one */
    uint64_t walked, end;
    uint8_t base[LIA_BASE_KEY_MAX]; /* rows of base up to this key are done */
    size_t base_size;
    uint64_t found[WALK_EVENTS]; /* arrivals to overwrite */
    size_t found_count;
    uint64_t rewrites; /* ended before this pass's */
    lia_scrub *scrub;
    uint64_t erased_ns; /* when the last byte was gone */
    lia_why why;
};

/* Gives the pass up; it begins anew later. */
static void try_later(lia_eraser *eraser, const char *what, lia_err err)
{
    if (err != LIA_EBUSY)
        LIA_LOG(WARN, "erasure.delayed", LIA_TEXT("step", what), LIA_ERR(err),
                LIA_TEXT("why", eraser->why.text));
    eraser->batch->applier.erase = true;
    eraser->state = RESTING;
    eraser->not_before_ns = lia_time_ticks_ns() + (uint64_t)RETRY_MS * 1000000;
}

static void wait_ms(lia_eraser *eraser, uint64_t ms)
{
    eraser->not_before_ns = lia_time_ticks_ns() + ms * 1000000;
}

/* ---- who waits ------------------------------------------------------------------------------- */

/* The next customer behind `last` that was erased, or false. */
static bool next_erased(lia_batch *batch, lia_id last, lia_id *out, lia_err *err)
{
    lia_key prefix = lia_key_erased(LIA_ID_NONE), from = lia_key_erased(last);
    lia_scan *scan;
    lia_span key, value;
    *err = lia_rows_scan(&batch->applier.rows, lia_key_span(&prefix), &scan);
    if (*err) return false;
    if (!lia_id_is_none(last)) {
        from.bytes[from.size++] = 0;
        lia_scan_seek(scan, lia_key_span(&from));
    }
    bool found = lia_scan_next(scan, &key, &value) && key.size == prefix.size + LIA_ID_SIZE;
    if (found) *out = lia_id_from(lia_span_skip(key, prefix.size));
    *err = lia_scan_status(scan);
    lia_scan_close(scan);
    return found && !*err;
}

/* Fills the list with those who have no receipt of this node. */
static lia_err list_waiting(lia_eraser *eraser)
{
    lia_batch *batch = eraser->batch;
    lia_id id = LIA_ID_NONE;
    lia_err err;
    eraser->count = 0;
    eraser->more = 0;
    eraser->known = batch->applier.erased.sum.count;
    while (next_erased(batch, id, &id, &err)) {
        lia_receipt_state receipt;
        lia_err looked = lia_receipt_look(batch, id, &receipt);
        if (looked) return looked;
        if (receipt == LIA_RECEIPT_GIVEN) continue;
        if (eraser->count == LIA_ERASER_CUSTOMERS_MAX)
            eraser->more++;
        else
            eraser->list[eraser->count++] = (erased_customer){.id = id};
    }
    return err;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static lia_err begin(lia_eraser *eraser)
{
    lia_batch *batch = eraser->batch;
    batch->applier.erase = false;
    lia_err err = list_waiting(eraser);
    eraser->blanks = batch->applier.blanked > eraser->wiped;
    if (!err && eraser->blanks) err = lia_receipt_begin_wiping(batch, &eraser->wiping);
    if (err || (!eraser->count && !eraser->blanks)) return err;
    LIA_LOG(INFO, "erasure.began", LIA_INT("customers", eraser->count),
            LIA_INT("blanks", eraser->blanks));
    eraser->blanked_events = eraser->unwiped_ns = 0;
    eraser->walked = eraser->base_size = 0;
    eraser->began_ns = lia_time_ticks_ns();
    eraser->end = batch->arrival;
    eraser->state = BEGINNING;
    return LIA_OK;
}

/* What is kept beside the store forgets meanwhile. */
static lia_err tell_copies(lia_eraser *eraser)
{
    const lia_copies *copies = &eraser->batch->copies;
    lia_id ids[LIA_ERASER_CUSTOMERS_MAX];
    if (!copies->forget) return LIA_OK;
    lia_err err = copies->forget(copies->state, ids, lia_eraser_customers(eraser, ids));
    return err ? lia_why_set(&eraser->why, err, "the copies beside the store were not told") : err;
}

static void await_copies(lia_eraser *eraser)
{
    const lia_copies *copies = &eraser->batch->copies;
    if (!copies->forget || copies->forgotten(copies->state))
        eraser->state = AWAITING;
    else
        wait_ms(eraser, REWRITE_ASK_MS);
}

static lia_err begin_rewrite(lia_eraser *eraser)
{
    lia_batch *batch = eraser->batch;
    lia_rewrite_status status;
    lia_views_rewrite_status(batch->views, &status);
    eraser->rewrites = status.ended;
    lia_err err = lia_batch_publish(batch, true);
    if (err) eraser->why = batch->why;
    if (!err) err = tell_copies(eraser);
    if (!err) err = lia_views_rewrite(batch->views, NULL, NULL, &eraser->why);
    if (!err) eraser->state = REWRITING;
    return err;
}

static lia_err await_rewrite(lia_eraser *eraser)
{
    lia_rewrite_status status;
    lia_views_rewrite_status(eraser->batch->views, &status);
    if (status.running || status.ended == eraser->rewrites) {
        wait_ms(eraser, REWRITE_ASK_MS);
        return LIA_OK;
    }
    lia_err err = lia_views_rewrite_wait(eraser->batch->views, &eraser->why);
    if (!err) eraser->state = WALKING;
    return err;
}

/* The list is in the order of ids: the keys that it was read from are. */
static erased_customer *find(lia_eraser *eraser, lia_id id)
{
    size_t low = 0, high = eraser->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(eraser->list[middle].id.bytes, id.bytes, LIA_ID_SIZE);
        if (order == 0) return &eraser->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Whether the event's body has to go; counts it. */
static bool is_found(lia_eraser *eraser, lia_span bytes)
{
    lia_batch *batch = eraser->batch;
    lia_header header;
    if (lia_event_parse_header(&header, bytes)) return false; /* inert: of no customer */
    erased_customer *customer =
        lia_id_is_none(header.customer) ? NULL : find(eraser, header.customer);
    bool is_blank = !customer && eraser->blanks &&
                    lia_blank_covers_bytes(&batch->applier, bytes, &batch->turn_arena);
    if (customer) customer->events++;
    eraser->blanked_events += is_blank;
    return customer || is_blank;
}

static lia_err look(lia_eraser *eraser)
{
    eraser->found_count = 0;
    lia_arena_reset(&eraser->batch->turn_arena);
    lia_err err = lia_log_refresh(eraser->reader);
    for (size_t i = 0; i < WALK_EVENTS && eraser->walked < eraser->end && !err; i++) {
        lia_span bytes;
        err = lia_log_event_from(eraser->reader, eraser->walked + 1, &eraser->walked, &bytes);
        if (err == LIA_EABSENT || eraser->walked > eraser->end) { /* what follows is dropped */
            eraser->walked = eraser->end;
            err = LIA_OK;
            break;
        }
        if (!err && is_found(eraser, bytes)) eraser->found[eraser->found_count++] = eraser->walked;
    }
    lia_log_rest(eraser->reader);
    return err;
}

static lia_err overwrite_one(lia_batch *batch, uint64_t arrival)
{
    lia_span bytes;
    lia_arena_reset(&batch->turn_arena);
    lia_buf erased = lia_buf_make(&batch->turn_arena);
    lia_err err = lia_log_event(lia_log_batch_reader(batch->log), arrival, &bytes);
    if (!err) err = lia_event_erase(&erased, bytes);
    if (err || lia_span_equal(lia_buf_get(&erased), bytes)) return err;
    err = lia_log_overwrite(batch->log, arrival, lia_buf_get(&erased));
    if (err != LIA_EINVAL) return err;
    /* A body smaller than its hash has no room for an op, and says nothing. */
    LIA_LOG(WARN, "erasure.body_kept", LIA_INT("arrival", arrival), LIA_INT("size", bytes.size));
    return LIA_OK;
}

static lia_err overwrite(lia_eraser *eraser)
{
    lia_batch *batch = eraser->batch;
    lia_err err = lia_log_begin(batch->log, &eraser->why);
    if (err) return err;
    lia_cut_fail(&batch->applier.cut); /* it would fold bodies that are gone */
    for (size_t i = 0; i < eraser->found_count && !err; i++)
        err = overwrite_one(batch, eraser->found[i]);
    if (!err) return lia_log_commit(batch->log, &eraser->why);
    lia_log_abort(batch->log);
    return err;
}

static lia_err walk(lia_eraser *eraser, bool *fatal)
{
    lia_err err = look(eraser);
    if (!err && eraser->found_count) {
        err = overwrite(eraser);
        *fatal = err != LIA_OK;
    }
    if (!err && eraser->walked == eraser->end) eraser->state = BASE;
    return err;
}

static bool is_listed(void *context, uint32_t kind, lia_id id, lia_id about)
{
    lia_eraser *eraser = context;
    return find(eraser, about) ||
           (eraser->blanks && lia_blank_is(&eraser->batch->applier, kind, id));
}

/* What dropped events said of them. */
static lia_err walk_base(lia_eraser *eraser, bool *fatal)
{
    lia_batch *batch = eraser->batch;
    bool more = false;
    lia_span after = lia_span_make(eraser->base, eraser->base_size);
    lia_arena_reset(&batch->turn_arena);
    lia_err err = lia_log_begin(batch->log, &eraser->why);
    *fatal = err != LIA_OK;
    if (err) return err;
    err = lia_base_erase(batch->log, &after, WALK_EVENTS, is_listed, eraser, &batch->turn_arena,
                         &more);
    if (err) {
        lia_log_abort(batch->log);
        return err;
    }
    err = lia_log_commit(batch->log, &eraser->why);
    *fatal = err != LIA_OK;
    memcpy(eraser->base, after.data, after.size);
    eraser->base_size = after.size;
    if (!err && !more) eraser->state = SCRUBBING;
    return err;
}

static lia_err scrub(lia_eraser *eraser, bool *fatal)
{
    bool more = true;
    lia_err err = LIA_OK;
    if (!eraser->scrub)
        err = lia_scrub_begin(&eraser->scrub, eraser->batch->log, &eraser->why);
    else
        err = lia_scrub_step(eraser->scrub, SCRUB_PAGES, &more, &eraser->why);
    if (err == LIA_EBUSY) {
        wait_ms(eraser, GATE_ASK_MS); /* a reader is at work; what was done so far stays done */
        return LIA_OK;
    }
    if (eraser->scrub && (err || !more)) {
        lia_err ended = lia_scrub_end(eraser->scrub, &eraser->why);
        eraser->scrub = NULL;
        if (!err) err = ended;
        if (!err) eraser->state = FORGETTING;
        eraser->erased_ns = lia_time_ticks_ns();
    }
    *fatal = err == LIA_EIO || err == LIA_EFULL;
    return err;
}

static bool is_unrequested(lia_eraser *eraser)
{
    if (!eraser->batch->applier.unrequested) return false;
    for (size_t i = 0; i < eraser->count; i++) {
        lia_receipt_state receipt;
        if (!lia_receipt_look(eraser->batch, eraser->list[i].id, &receipt) &&
            receipt == LIA_RECEIPT_UNREQUESTED)
            return true;
    }
    return false;
}

/* Whoever is known to be erased only from elsewhere gets a receipt when the request has come; and a
 * node that must not write yet gives none. */
static void await_requests(lia_eraser *eraser, bool held)
{
    uint64_t waited_ns = lia_time_ticks_ns() - eraser->erased_ns;
    if (held || (waited_ns < (uint64_t)REQUEST_MS * 1000000 && is_unrequested(eraser)))
        wait_ms(eraser, AWAIT_MS);
    else
        eraser->state = SIGNING;
}

static const char *const step_names[] = {"list", "begin", "rewrite", "walk",
                                         "base", "scrub", "forget",  "await", "sign"};

lia_err lia_eraser_step(lia_eraser *eraser, bool held, bool *done)
{
    state was = eraser->state;
    bool fatal = false;
    lia_err err = LIA_OK;
    eraser->why.text[0] = 0;
    switch (was) {
    case RESTING:
        err = begin(eraser);
        break;
    case BEGINNING:
        err = begin_rewrite(eraser);
        break;
    case WALKING:
        err = walk(eraser, &fatal);
        break;
    case BASE:
        err = walk_base(eraser, &fatal);
        break;
    case REWRITING:
        err = await_rewrite(eraser);
        break;
    case SCRUBBING:
        err = scrub(eraser, &fatal);
        break;
    case FORGETTING:
        await_copies(eraser);
        break;
    case AWAITING:
        await_requests(eraser, held);
        break;
    case SIGNING:
        break;
    }
    *done = eraser->state == SIGNING;
    if (err && fatal) {
        eraser->batch->why = eraser->why;
        return err;
    }
    if (err) try_later(eraser, step_names[was], err);
    return LIA_OK;
}

/* ---- receipts -------------------------------------------------------------------------------- */

/* One event, or what it takes, in a turn of its own. */
static lia_err say(lia_batch *batch, lia_time now, lia_id customer, const uint64_t *events)
{
    lia_position position;
    lia_arena_reset(&batch->turn_arena);
    lia_batch_turn(batch, LIA_TURN_JOB, now, 0);
    lia_err err =
        events ? lia_receipt_give(batch, customer, *events) : lia_receipt_request(batch, customer);
    if (!err) err = lia_own_keep(batch, &position);
    return err ? err : lia_batch_react(batch, now);
}

/* In the rules' records and in the log: what came up to the pass's end is gone. */
static lia_err say_wiped(lia_eraser *eraser, lia_time now)
{
    lia_batch *batch = eraser->batch;
    uint8_t end[8];
    lia_position position;
    lia_put_u64(end, eraser->end);
    lia_arena_reset(&batch->turn_arena);
    lia_batch_turn(batch, LIA_TURN_JOB, now, 0);
    lia_err err = lia_receipt_wiped(batch, &eraser->wiping, eraser->blanked_events);
    if (!err) err = lia_own_keep(batch, &position);
    if (!err) err = lia_batch_react(batch, now);
    return err ? err : lia_log_set_meta(batch->log, META_WIPED, LIA_SPAN_OF(end));
}

lia_err lia_eraser_sign(lia_eraser *eraser, lia_time now)
{
    lia_batch *batch = eraser->batch;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < eraser->count && !err; i++) {
        const erased_customer *customer = &eraser->list[i];
        lia_receipt_state receipt;
        err = lia_receipt_look(batch, customer->id, &receipt);
        if (!err && receipt == LIA_RECEIPT_UNREQUESTED) err = say(batch, now, customer->id, NULL);
        if (!err && receipt != LIA_RECEIPT_GIVEN)
            err = say(batch, now, customer->id, &customer->events);
    }
    return err || !eraser->blanks ? err : say_wiped(eraser, now);
}

void lia_eraser_signed(lia_eraser *eraser)
{
    for (size_t i = 0; i < eraser->count; i++)
        LIA_LOG(INFO, "erasure.done", LIA_ID("customer", eraser->list[i].id),
                LIA_INT("events", eraser->list[i].events));
    if (eraser->blanks) {
        LIA_LOG(INFO, "blanked.wiped", LIA_INT("events", eraser->blanked_events));
        eraser->wiped = eraser->end;
    }
    eraser->took_ns = lia_time_ticks_ns() - eraser->began_ns;
    LIA_LOG(INFO, "erasure.passed", LIA_INT("customers", eraser->count),
            LIA_MS("took_ms", eraser->took_ns / 1000000));
    eraser->batch->applier.erase |= eraser->more > 0;
    eraser->passes++;
    eraser->state = RESTING;
}

/* ---- how far it is --------------------------------------------------------------------------- */

static const char *phase_of(state at)
{
    switch (at) {
    case RESTING:
        return NULL;
    case BEGINNING:
    case REWRITING:
        return "views";
    case WALKING:
        return "log";
    case BASE:
        return "base";
    case SCRUBBING:
        return "pages";
    case FORGETTING:
        return "copies";
    case AWAITING:
    case SIGNING:
        break;
    }
    return "receipt";
}

void lia_eraser_progress(const lia_eraser *eraser, lia_erasing *out)
{
    lia_rewrite_status rewrite;
    *out = (lia_erasing){
        .phase = phase_of(eraser->state), .passes = eraser->passes, .began_ns = eraser->began_ns};
    if (!out->phase) return;
    out->customers = eraser->count;
    out->waiting = eraser->more + (size_t)(eraser->batch->applier.erased.sum.count - eraser->known);
    if (eraser->state == REWRITING) {
        lia_views_rewrite_status(eraser->batch->views, &rewrite);
        out->done = rewrite.rows;
        out->all = rewrite.all;
    } else if (eraser->state == WALKING) {
        out->done = eraser->walked;
        out->all = eraser->end;
    } else if (eraser->state == SCRUBBING && eraser->scrub) {
        lia_scrub_progress(eraser->scrub, &out->done, &out->all);
    }
}

size_t lia_eraser_customers(const lia_eraser *eraser, lia_id out[LIA_ERASER_CUSTOMERS_MAX])
{
    size_t count = eraser->state == RESTING ? 0 : eraser->count;
    for (size_t i = 0; i < count; i++) out[i] = eraser->list[i].id;
    return count;
}

/* ---- lifecycle ------------------------------------------------------------------------------- */

static lia_err read_wiped(lia_eraser *eraser)
{
    lia_span bytes;
    lia_err err = lia_log_meta(eraser->reader, META_WIPED, &bytes);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (bytes.size != 8) return LIA_ECORRUPT;
    eraser->wiped = lia_get_u64(bytes.data);
    return LIA_OK;
}

lia_err lia_eraser_open(lia_eraser **out, lia_batch *batch, lia_log_reader *reader)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return LIA_EFULL;
    (*out)->batch = batch;
    (*out)->reader = reader;
    return read_wiped(*out);
}

void lia_eraser_close(lia_eraser *eraser)
{
    if (!eraser) return;
    lia_err err = eraser->scrub ? lia_scrub_end(eraser->scrub, NULL) : LIA_OK;
    if (err) LIA_LOG(WARN, "erasure.not_ended", LIA_ERR(err)); /* the next start begins anew */
    free(eraser);
}

/* When a pass for blanked bodies is due; 0: there are none. */
static uint64_t blanks_due_ns(lia_eraser *eraser)
{
    const lia_applier *applier = &eraser->batch->applier;
    if (applier->blanked <= eraser->wiped) return 0;
    if (!eraser->unwiped_ns) eraser->unwiped_ns = applier->blanked_ns;
    uint64_t quiet_ns = (uint64_t)QUIET_MS * 1000000;
    if (quiet_ns < QUIET_OF * eraser->took_ns) quiet_ns = QUIET_OF * eraser->took_ns;
    uint64_t last_ns = eraser->unwiped_ns + (uint64_t)PUT_OFF_MS * 1000000;
    return applier->blanked_ns + quiet_ns < last_ns ? applier->blanked_ns + quiet_ns : last_ns;
}

int64_t lia_eraser_wait_ms(lia_eraser *eraser)
{
    uint64_t now = lia_time_ticks_ns();
    if (eraser->state == RESTING && !eraser->batch->applier.erase) {
        uint64_t due_ns = blanks_due_ns(eraser);
        if (!due_ns) return -1;
        if (due_ns > now) return (int64_t)((due_ns - now) / 1000000) + 1;
    }
    return eraser->not_before_ns > now ? (int64_t)((eraser->not_before_ns - now) / 1000000) + 1 : 0;
}
