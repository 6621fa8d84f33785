/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/batch.h"

#include <stdio.h>

#include "common/base/log.h"
#include "common/node/base.h"
#include "common/node/blank.h"
#include "common/node/erase.h"
#include "common/node/erasures.h"
#include "common/node/import.h"
#include "common/node/place.h"

/* Room below the size at which the views freeze their table, for the digest rows that must be part
 * of what is written out. */
#define DIGEST_ROOM ((size_t)192 << 10)

static void prepare_turn(lia_batch *batch, lia_turn *turn, lia_turn_work *work)
{
    *work = (lia_turn_work){.applier = &batch->applier, .clock = &batch->clock};
    *turn = (lia_turn){.arena = &batch->turn_arena,
                       .department = batch->applier.services[1]->department,
                       .node = batch->self.node,
                       .node_name = batch->name,
                       .work = work};
}

/* The clock must not go below what the log holds: the last event to arrive, and the last own one.
 */
static void load_clock(lia_batch *batch, lia_log_reader *reader)
{
    uint64_t arrivals[2] = {batch->arrival};
    lia_block block;
    if (batch->lane && lia_log_block(reader, batch->lane, batch->seq, &block) == LIA_OK)
        arrivals[1] = block.arrival + (batch->seq - block.first);
    for (size_t i = 0; i < LIA_COUNT(arrivals); i++) {
        lia_span bytes;
        lia_header header;
        if (arrivals[i] && lia_log_event(reader, arrivals[i], &bytes) == LIA_OK &&
            lia_event_parse_header(&header, bytes) == LIA_OK && header.hlc > batch->clock.last)
            batch->clock.last = header.hlc;
    }
    batch->jobs_looked.ms = lia_hlc_ms(batch->clock.last);
}

/* Where the own lane stands. */
static lia_err load_own_lane(lia_batch *batch)
{
    lia_log_reader *reader;
    lia_err err = lia_log_reader_open(&reader, batch->log);
    if (err) return err;
    batch->arrival = lia_log_next(reader) - 1;
    batch->lane = lia_log_find_lane(reader, batch->self);
    lia_lane_info info = {0};
    if (batch->lane) err = lia_log_lane_info(reader, batch->lane, &info);
    batch->seq = info.head;
    batch->hash = batch->sealed = info.hash;
    if (!err) load_clock(batch, reader);
    if (!err) err = lia_log_reactor(reader, "reactors", &batch->reacted);
    if (err == LIA_EABSENT) {
        batch->reacted = batch->arrival; /* a new store has nothing to react to */
        err = LIA_OK;
    }
    batch->imported = lia_import_was(reader);
    lia_span born;
    batch->applier.born = lia_time_now();
    batch->born_noted = lia_log_meta(reader, "born", &born) == LIA_OK && born.size == 8;
    if (batch->born_noted) batch->applier.born.ms = (int64_t)lia_get_u64(born.data);
    lia_log_reader_close(reader);
    return err;
}

static lia_err read_erasures(lia_batch *batch, lia_why *why)
{
    lia_err err = lia_erasures_read(&batch->listed, batch->cluster, batch->erasures_path, why);
    batch->erasures_listed = batch->listed.sum.count;
    return err;
}

lia_err lia_batch_open(lia_batch *batch, const lia_writer_options *options, lia_why *why)
{
    *batch = (lia_batch){.log = options->log,
                         .views = options->views,
                         .cluster = options->cluster,
                         .self = options->self,
                         .name = options->name,
                         .sign = *options->sign,
                         .table_bytes = options->table_bytes,
                         .erasures_path = options->erasures_path,
                         .copies = options->copies};
    lia_services_list(options->shared, options->service, batch->applier.services);
    batch->applier.arena = &batch->turn_arena;
    batch->applier.turn = &batch->fold_turn;
    batch->applier.member = options->self.node;
    batch->applier.members = options->members;
    batch->applier.take_over_ms = options->take_over_ms;
    batch->applier.sends_mail = options->sends_mail;
    batch->applier.features = options->features;
    batch->applier.rows.views = options->views;
    batch->applier.rows.pending = batch->open;
    prepare_turn(batch, &batch->turn, &batch->work);
    prepare_turn(batch, &batch->fold_turn, &batch->fold_work);
    batch->fold_work.type = LIA_TURN_FOLD;
    lia_err err = lia_arena_init(&batch->turn_arena, LIA_TURN_ARENA_BYTES);
    if (!err) err = lia_arena_init(&batch->event_arena, LIA_TURN_ARENA_BYTES);
    batch->heads = err ? NULL : calloc(LIA_LANES_MAX, sizeof *batch->heads);
    if (!err && !batch->heads) err = LIA_EFULL;
    if (!err) err = lia_definitions_open(&batch->definitions);
    batch->applier.definitions = &batch->definitions;
    if (!err) err = load_own_lane(batch);
    if (!err) err = lia_digests_load(&batch->applier.digests, options->views);
    if (!err) err = lia_erase_load(&batch->applier);
    if (!err) err = lia_blank_load(&batch->applier);
    if (!err)
        err = lia_backgrounds_open(&batch->applier.backgrounds, batch->applier.services,
                                   LIA_SERVICES_MAX, &batch->applier.rows);
    if (err)
        lia_why_set(why, err, "the log cannot be read: %s", lia_err_text(err));
    else
        err = read_erasures(batch, why);
    if (err) lia_batch_close(batch);
    return err;
}

void lia_batch_close(lia_batch *batch)
{
    lia_erase_unload(&batch->applier);
    lia_ledger_fini(&batch->listed);
    lia_backgrounds_close(&batch->applier.backgrounds);
    lia_definitions_close(&batch->definitions);
    lia_cut_close(&batch->applier.cut);
    lia_arena_fini(&batch->turn_arena);
    lia_arena_fini(&batch->event_arena);
    free(batch->heads);
    batch->heads = NULL;
    lia_traces_fini(&batch->traces);
    lia_wipe(&batch->sign, sizeof batch->sign);
}

void lia_batch_turn(lia_batch *batch, lia_turn_type type, lia_time now, uint32_t actor)
{
    lia_turn_begin(&batch->turn, type, now, actor);
    batch->fold_turn.now = now;
    lia_trace_use(NULL);
}

lia_traced *lia_batch_trace(lia_batch *batch, const lia_trace *parent, const char *name)
{
    lia_traced *traced = lia_traces_begin(&batch->traces, parent, LIA_TRACED_INTERNAL, name);
    batch->work.trace = traced ? traced->trace : *parent;
    lia_trace_use(&batch->work.trace);
    return traced;
}

void lia_batch_trace_answer(lia_batch *batch, const lia_trace *parent, const lia_trace *cause,
                            const char *what, const char *name, uint64_t began_ns)
{
    char text[LIA_TRACED_NAME_SIZE];
    snprintf(text, sizeof text, "%s %s", what, name);
    lia_traced *traced = lia_batch_trace(batch, parent, text);
    if (!traced) return;
    traced->began_ns = began_ns;
    traced->link = *cause;
}

void lia_batch_note_head(lia_batch *batch, lia_origin origin, uint64_t seq, const lia_hash *hash)
{
    lia_head *head = NULL;
    for (size_t i = 0; i < batch->head_count && !head; i++)
        if (lia_origin_equal(batch->heads[i].origin, origin)) head = &batch->heads[i];
    if (!head) head = &batch->heads[batch->head_count++];
    *head = (lia_head){origin, seq, *hash};
}

/* ---- replay --------------------------------------------------------------------------------- */

lia_err lia_batch_publish(lia_batch *batch, bool writes_out)
{
    lia_views_stats stats;
    lia_views_get_stats(batch->views, &stats);
    size_t limit = batch->table_bytes ? batch->table_bytes : LIA_MEMTABLE_BYTES;
    lia_err err = LIA_OK;
    if (writes_out || stats.table_bytes + DIGEST_ROOM >= limit)
        err = lia_digests_save(&batch->applier.digests, batch->views);
    return err ? err : lia_views_publish(batch->views, batch->arrival, &batch->why);
}

/* The first event at *arrival or behind it; LIA_EABSENT behind the last. */
static lia_err replay_one(lia_batch *batch, uint64_t *arrival, bool any_kept)
{
    lia_span bytes;
    lia_event event;
    lia_log_reader *log = batch->applier.rows.log;
    lia_arena_reset(&batch->turn_arena);
    lia_err err = lia_log_event_from(log, *arrival, arrival, &bytes);
    if (err) return err;
    err = lia_event_parse(&event, bytes, &batch->turn_arena, &batch->why);
    if (err == LIA_EINVAL || err == LIA_EVERSION) return LIA_OK; /* inert, as when it came */
    if (err || (any_kept && lia_base_has(log, &event.header, *arrival))) return err;
    return lia_apply_event(&batch->applier, &event, *arrival);
}

static void say_progress(uint64_t done, uint64_t all, uint64_t *last_ns)
{
    uint64_t now = lia_time_ticks_ns();
    if (now - *last_ns < 1000000000u && done != all) return;
    *last_ns = now;
    LIA_LOG(INFO, "views.replayed", LIA_INT("events", done), LIA_INT("of", all));
}

/* The file lists all that the views know, again. */
static lia_err list_erasures(lia_batch *batch)
{
    const lia_ledger *erased = &batch->applier.erased;
    if (erased->sum.count == batch->erasures_listed) return LIA_OK;
    lia_err err = lia_erasures_write(erased, batch->cluster, batch->erasures_path,
                                     &batch->turn_arena, &batch->why);
    if (!err) batch->erasures_listed = erased->sum.count;
    return err;
}

lia_err lia_batch_erase(lia_batch *batch, const lia_ledger *customers)
{
    lia_err err = LIA_OK;
    for (uint64_t i = 0; i < customers->sum.count && !err; i++) {
        lia_arena_reset(&batch->turn_arena);
        err = lia_erase_known(&batch->applier, customers->ids[i]);
    }
    return err;
}

/* Before anything is replayed, so that what comes is about somebody who is erased. */
static lia_err erase_listed(lia_batch *batch, uint64_t cursor)
{
    uint64_t end = batch->arrival, known = batch->applier.erased.sum.count;
    lia_err err = lia_batch_erase(batch, &batch->listed);
    lia_ledger_fini(&batch->listed);
    if (err || batch->applier.erased.sum.count == known) return err;
    LIA_LOG(WARN, "erasure.from_file", LIA_INT("customers", batch->applier.erased.sum.count - known));
    batch->arrival = cursor;
    err = lia_batch_publish(batch, false);
    batch->arrival = end;
    return err;
}

static lia_err replay_views(lia_batch *batch, uint64_t cursor)
{
    uint64_t end = batch->arrival, last_ns = lia_time_ticks_ns();
    bool long_one = end - cursor > 20000;
    size_t base, kept;
    lia_log_left(batch->applier.rows.log, &base, &kept);
    lia_err err = LIA_OK;
    uint64_t since = 0;
    for (uint64_t arrival = cursor + 1; arrival <= end && !err; arrival++) {
        err = replay_one(batch, &arrival, kept > 0);
        if (err == LIA_EABSENT) { /* what was last in the log is gone */
            arrival = end;
            err = LIA_OK;
        }
        if (!err && (++since == 1024 || arrival == end)) {
            since = 0;
            batch->arrival = arrival;
            err = lia_batch_publish(batch, false);
            batch->arrival = end;
            if (long_one) say_progress(arrival - cursor, end - cursor, &last_ns);
        }
    }
    return err;
}

typedef struct base_work {
    lia_batch *batch;
    uint64_t cursor; /* events up to here are in the views */
} base_work;

static lia_err publish_base(void *context)
{
    base_work *work = context;
    lia_batch *batch = work->batch;
    uint64_t end = batch->arrival;
    batch->arrival = work->cursor;
    lia_err err = lia_batch_publish(batch, false);
    batch->arrival = end;
    return err;
}

/* Views that are new, or older than what was imported into base. */
static lia_err replay_base(lia_batch *batch, uint64_t cursor)
{
    base_work work = {batch, cursor};
    if (cursor && !lia_import_is_ahead(&batch->applier.rows)) return LIA_OK;
    lia_err err = lia_base_apply(&batch->applier, batch->applier.rows.log, publish_base, &work);
    return err ? err : lia_import_note(batch);
}

lia_err lia_batch_replay(lia_batch *batch, uint64_t cursor, lia_why *why)
{
    if (cursor > batch->arrival)
        return lia_why_set(why, LIA_ECORRUPT,
                           "the views are ahead of the log (%llu, %llu): the log was "
                           "put back; remove the views folder and start again",
                           (unsigned long long)cursor, (unsigned long long)batch->arrival);
    lia_log_reader *reader;
    lia_err err = lia_log_reader_open(&reader, batch->log);
    if (err) return lia_why_set(why, err, "the log cannot be read");
    batch->applier.rows.log = reader;
    err = lia_definitions_settle(&batch->definitions, &batch->applier.rows);
    if (!err) err = erase_listed(batch, cursor);
    if (!err) err = replay_base(batch, cursor);
    if (!err) err = replay_views(batch, cursor);
    if (!err) err = lia_definitions_settle(&batch->definitions, &batch->applier.rows);
    lia_log_reader_close(reader);
    batch->applier.rows.log = NULL;
    if (err)
        return lia_why_set(why, err, "replaying the log failed: %s %s", lia_err_text(err),
                           batch->why.text);
    err = list_erasures(batch);
    return err ? lia_why_set(why, err, "%s", batch->why.text) : LIA_OK;
}

/* ---- the batch ------------------------------------------------------------------------------ */

lia_err lia_batch_begin(lia_batch *batch)
{
    batch->head_count = 0;
    batch->own_refused = false;
    lia_definitions_forget(&batch->definitions);
    lia_traces_drop(&batch->traces);
    lia_err err = lia_log_begin(batch->log, &batch->why);
    if (err) return err;
    batch->applier.rows.log = lia_log_batch_reader(batch->log);
    batch->applier.rows.pending_first = batch->arrival + 1;
    batch->applier.rows.pending_count = 0;
    return batch->lane ? LIA_OK : lia_log_lane(batch->log, batch->self, &batch->lane);
}

lia_err lia_batch_renew(lia_batch *batch, uint64_t incarnation)
{
    uint8_t bytes[8];
    lia_put_u64(bytes, incarnation);
    batch->self.incarnation = incarnation;
    batch->lane = 0;
    batch->seq = 0;
    batch->hash = batch->sealed = (lia_hash){0};
    lia_err err = lia_batch_begin(batch);
    if (!err) err = lia_log_set_meta(batch->log, "incarnation", LIA_SPAN_OF(bytes));
    lia_verify_key signer = lia_sign_public(&batch->sign);
    if (!err) err = lia_log_set_meta(batch->log, "signer", LIA_SPAN_OF(signer));
    return err ? err : lia_place_doubt(batch->log, false);
}

static uint64_t request_hash(const lia_command *command)
{
    uint8_t head[4 + LIA_ID_SIZE], digest[LIA_DIGEST_SIZE];
    head[0] = (uint8_t)command->type;
    head[1] = command->restore;
    lia_put_u16(head + 2, command->number);
    memcpy(head + 4, command->id.bytes, LIA_ID_SIZE);
    lia_span parts[] = {LIA_SPAN_OF(head), lia_span_text(command->row ? command->row->name : ""),
                        lia_span_make(command->mask, command->mask_count * sizeof *command->mask),
                        command->request};
    lia_digest_of("liaison.request", parts, LIA_COUNT(parts), digest);
    return lia_get_u64(digest);
}

static lia_position own_last(const lia_batch *batch)
{
    return (lia_position){batch->self.incarnation, batch->seq, batch->self.node};
}

/* Where a command of the past ends at the latest. Its events share a block; what is open or too
 * long for one ends with the own lane as it is now. */
static lia_position last_of(lia_batch *batch, lia_position first)
{
    lia_origin origin = {first.node, first.incarnation};
    lia_lane lane = lia_log_find_lane(batch->applier.rows.log, origin);
    lia_block block;
    if (lia_origin_equal(origin, batch->self)) return own_last(batch);
    if (!lane || lia_log_block(batch->applier.rows.log, lane, first.seq, &block)) return first;
    return (lia_position){first.incarnation, block.first + block.count - 1, first.node};
}

/* Answers a command whose key is known. */
static bool answer_repeated(lia_batch *batch, lia_command *command)
{
    lia_command_note note;
    if (lia_id_is_none(command->key)) return false;
    if (lia_rows_command(&batch->applier.rows, command->key, &note) != LIA_OK) return false;
    if (note.request != request_hash(command)) {
        command->err = lia_why_set(&command->why, LIA_EREUSED,
                                   "this Idempotency-Key was used for another request");
        return true;
    }
    command->err = LIA_OK;
    command->repeated = true;
    command->record = note.record;
    command->record_kind = note.kind;
    command->position = note.event;
    command->last = last_of(batch, note.event);
    return true;
}

/* A handler has met a row that cannot be read. Nothing of it is kept, and the row will be put
 * right; the others go on. */
static lia_err note_damage(lia_batch *batch)
{
    batch->applier.damaged = true;
    return lia_turn_fail(&batch->turn, LIA_EBUSY,
                         "a row that this needs was damaged and is being put right; try again");
}

static bool is_admitted(lia_batch *batch, lia_command *command, lia_time now)
{
    if (!command->admit ||
        command->admit(command, &batch->applier.rows, now, &batch->turn_arena))
        return true;
    command->err = lia_why_set(&command->why, LIA_EDENIED,
                               "your rights have changed while this waited: ask again");
    batch->counts.refused++;
    return false;
}

static lia_traced *trace_command(lia_batch *batch, const lia_command *command)
{
    static const char *const verbs[] = {[LIA_COMMAND_CREATE] = "create",
                                        [LIA_COMMAND_CHANGE] = "change",
                                        [LIA_COMMAND_ARCHIVE] = "archive"};
    char name[LIA_TRACED_NAME_SIZE] = "";
    const lia_kind *kind = command->row ? NULL : lia_kind_find(command->number);
    if (lia_trace_is_wanted(&command->trace))
        snprintf(name, sizeof name, "command %s%s%s", kind ? kind->name : "", kind ? "." : "",
                 command->row ? command->row->name : verbs[command->type]);
    return lia_batch_trace(batch, &command->trace, name);
}

static void note_command(lia_traced *traced, const lia_command *command)
{
    traced->failed = command->err != LIA_OK;
    if (command->err)
        lia_traced_text(traced, "error.type", lia_span_text(lia_err_name(command->err)));
    lia_traced_number(traced, "liaison.seq", (int64_t)command->position.seq);
}

/* What a bulk run's other events will name. */
static void note_run(lia_command *command)
{
    if (command->run && !command->run->seq && !command->err) *command->run = command->position;
}

lia_err lia_batch_command(lia_batch *batch, lia_command *command, lia_time now)
{
    batch->counts.commands++;
    lia_arena_reset(&batch->turn_arena);
    if (!is_admitted(batch, command, now)) return LIA_OK;
    if (answer_repeated(batch, command)) {
        note_run(command);
        return LIA_OK;
    }
    lia_turn_work *work = &batch->work;
    lia_batch_turn(batch, LIA_TURN_COMMAND, now, command->actor);
    work->quiet = command->quiet;
    if (command->run) work->cause = *command->run;
    lia_traced *traced = trace_command(batch, command);
    if (!lia_id_is_none(command->key)) {
        work->command = command->key;
        work->request = request_hash(command);
    }
    lia_err err = lia_definitions_settle(&batch->definitions, &batch->applier.rows);
    if (err) return err;
    err = lia_general_handle(&batch->turn, command);
    if (err == LIA_ECORRUPT) err = note_damage(batch);
    if (!err) err = lia_own_keep(batch, &command->position);
    if (!err) command->last = own_last(batch); /* also of one that found everything as it wants */
    command->err = err;
    note_run(command);
    command->refusal = work->refusal;
    command->record = work->answer;
    command->record_kind = work->answer_kind;
    command->repeated = work->repeated;
    if (traced) note_command(traced, command);
    if (err) {
        command->why = work->why;
        batch->counts.refused++;
        if (err == LIA_EFULL && !command->why.text[0])
            lia_why_set(&command->why, err, "the record is too large for one event");
        return err == LIA_EIO || err == LIA_ECORRUPT ? err : LIA_OK;
    }
    return lia_batch_react(batch, now);
}

/* An event of a sampled chain has come from another node. */
static void trace_arrival(lia_batch *batch, const lia_event *event, uint64_t arrival)
{
    char name[LIA_TRACED_NAME_SIZE];
    const lia_fact *fact = lia_fact_find(event->header.fact);
    snprintf(name, sizeof name, "apply %s", fact ? fact->name : "event");
    lia_traced *traced =
        lia_traces_begin(&batch->traces, &event->header.trace, LIA_TRACED_CONSUMER, name);
    if (!traced) return;
    traced->link = event->header.trace;
    lia_traces_arrived(&batch->traces, arrival);
    lia_traced_number(traced, "liaison.origin", event->header.node);
    lia_traced_number(traced, "liaison.seq", (int64_t)event->header.seq);
}

static lia_err apply_block(lia_batch *batch, const lia_block *block, const lia_sealed *sealed,
                           lia_time now)
{
    for (uint32_t i = 0; i < sealed->count; i++) {
        lia_event event;
        lia_arena_reset(&batch->turn_arena);
        lia_err err = lia_event_parse(&event, sealed->events[i], &batch->turn_arena, &batch->why);
        if (!err && batch->imported &&
            lia_base_has(batch->applier.rows.log, &event.header, block->arrival + i)) {
            continue; /* an import has brought it before */
        } else if (!err) {
            lia_clock_see(&batch->clock, event.header.hlc, now);
            if (lia_trace_is_wanted(&event.header.trace))
                trace_arrival(batch, &event, block->arrival + i);
            err = lia_apply_event(&batch->applier, &event, block->arrival + i);
            lia_batch_note_fact(batch, block->arrival + i, event.header.fact);
        } else if (err != LIA_EFULL) {
            /* Sealed by its origin but not an event of this release: kept, inert. */
            LIA_LOG(WARN, "event.inert", LIA_INT("node", sealed->origin.node),
                    LIA_INT("seq", sealed->first + i), LIA_TEXT("why", batch->why.text));
            err = LIA_OK;
        }
        if (err) return err;
    }
    return LIA_OK;
}

/* The own lane's tail, which this disk had lost. */
static void follow_own(lia_batch *batch, const lia_sealed *sealed)
{
    batch->seq = sealed->first + sealed->count - 1;
    batch->hash = batch->sealed = sealed->hash;
}

/* Written on here before the tail came: sync must forget what it handed over, and will hear from
 * the others that there are two histories. */
static void refuse_own(lia_batch *batch, const lia_sealed *sealed)
{
    if (sealed->first + sealed->count - 1 <= batch->seq) return;
    batch->own_refused = true;
    batch->own_refused_lane = sealed->origin;
}

/* Whether the event's body must not touch this disk. */
static bool is_unwanted(lia_batch *batch, lia_span bytes)
{
    lia_header header;
    if (lia_event_parse_header(&header, bytes)) return false;
    if (lia_erased(&batch->applier, header.customer)) return true;
    if (!lia_blank_covers_bytes(&batch->applier, bytes, &batch->event_arena)) return false;
    lia_cut_fail(&batch->applier.cut); /* what it said before it was blanked is not known here */
    return true;
}

lia_err lia_batch_erase_late(lia_batch *batch, lia_sealed *sealed)
{
    if (!batch->applier.erased.sum.count && !batch->applier.blanked) return LIA_OK;
    lia_span *events = lia_arena_take(&batch->event_arena, sealed->count * sizeof *events);
    if (!events) return LIA_EFULL;
    for (uint32_t i = 0; i < sealed->count; i++) {
        events[i] = sealed->events[i];
        if (!is_unwanted(batch, events[i])) continue;
        lia_buf erased = lia_buf_make(&batch->event_arena);
        lia_err err = lia_event_erase(&erased, events[i]);
        if (err) return err;
        events[i] = lia_buf_get(&erased);
    }
    sealed->events = events;
    return LIA_OK;
}

static lia_err keep_block(lia_batch *batch, const lia_sealed *sealed, lia_time now)
{
    lia_block block = {.first = sealed->first,
                       .count = sealed->count,
                       .before = sealed->before,
                       .hash = sealed->hash,
                       .signature = sealed->signature};
    lia_err err = lia_log_lane(batch->log, sealed->origin, &block.lane);
    if (!err) err = lia_log_append(batch->log, &block, sealed->events);
    bool is_own = lia_origin_equal(sealed->origin, batch->self);
    if (err == LIA_ECONFLICT) { /* held already, or not the next: sync asks again */
        if (is_own) refuse_own(batch, sealed);
        return LIA_OK;
    }
    if (err) return err;
    if (is_own) follow_own(batch, sealed);
    batch->arrival = block.arrival + block.count - 1;
    batch->applier.rows.pending_first = batch->arrival + 1;
    batch->counts.events_foreign += block.count;
    batch->fold_turn.now = now;
    lia_batch_note_head(batch, sealed->origin, sealed->first + sealed->count - 1, &sealed->hash);
    return apply_block(batch, &block, sealed, now);
}

lia_err lia_batch_block(lia_batch *batch, const lia_sealed *sealed, lia_time now)
{
    lia_sealed kept = *sealed;
    lia_err err = lia_own_seal(batch);
    if (!err) err = lia_batch_erase_late(batch, &kept);
    if (!err) err = keep_block(batch, &kept, now);
    lia_arena_reset(&batch->event_arena);
    return err || batch->held ? err : lia_batch_react(batch, now);
}

static lia_err ready_service(lia_batch *batch, const lia_service *service, lia_time now)
{
    if (!service || !service->ready) return LIA_OK;
    lia_arena_reset(&batch->turn_arena);
    lia_batch_turn(batch, LIA_TURN_JOB, now, 0);
    lia_err err = service->ready(&batch->turn);
    if (!err) err = lia_turn_finish(&batch->turn, 0);
    if (err) {
        LIA_LOG(WARN, "service.not_ready", LIA_TEXT("service", service->name), LIA_ERR(err), LIA_TEXT("why", batch->work.why.text));
        return err == LIA_EIO || err == LIA_ECORRUPT ? err : LIA_OK;
    }
    lia_position position;
    err = lia_own_keep(batch, &position);
    return err ? err : lia_batch_react(batch, now);
}

lia_err lia_batch_ready(lia_batch *batch, lia_time now)
{
    batch->ready = true;
    lia_err err = lia_batch_react(batch, now); /* what a crash left unseen */
    for (size_t s = 0; s < LIA_SERVICES_MAX && !err; s++)
        err = ready_service(batch, batch->applier.services[s], now);
    return err;
}

static lia_err note_born(lia_batch *batch)
{
    uint8_t bytes[8];
    if (batch->born_noted) return LIA_OK;
    lia_put_u64(bytes, (uint64_t)batch->applier.born.ms);
    batch->born_noted = true;
    return lia_log_set_meta(batch->log, "born", LIA_SPAN_OF(bytes));
}

const uint32_t lia_commit_bounds_us[LIA_COMMIT_BUCKETS - 1] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 1000000};

static void count_commit(lia_batch_counts *counts, uint64_t ns)
{
    size_t i = 0;
    while (i < LIA_COMMIT_BUCKETS - 1 && ns > (uint64_t)lia_commit_bounds_us[i] * 1000) i++;
    counts->commit_buckets[i]++;
    counts->commit_ns += ns;
    counts->commits++;
}

lia_err lia_batch_commit(lia_batch *batch)
{
    lia_err err = lia_own_seal(batch);
    if (!err) err = lia_log_set_reactor(batch->log, "reactors", batch->reacted);
    if (!err) err = note_born(batch);
    if (!err) err = lia_definitions_settle(&batch->definitions, &batch->applier.rows);
    if (err) {
        lia_log_abort(batch->log);
        return lia_why_set(&batch->why, err, "writing the log failed: %s",
                           err == LIA_EFULL ? LIA_FULL_TEXT : lia_err_text(err));
    }
    uint64_t began = lia_time_ticks_ns();
    err = lia_log_commit(batch->log, &batch->why);
    if (err) return err;
    count_commit(&batch->counts, lia_time_ticks_ns() - began);
    err = lia_batch_publish(batch, false);
    if (!err) lia_traces_commit(&batch->traces);
    return err ? err : list_erasures(batch);
}

/* ---- beside the batches ---------------------------------------------------------------------- */

/* While one table is on its way to the disk the next one must not be filled up by what has time:
 * a command would have to wait for the disk. */
static bool has_room(const lia_batch *batch)
{
    lia_views_stats stats;
    lia_views_get_stats(batch->views, &stats);
    size_t limit = batch->table_bytes ? batch->table_bytes : LIA_MEMTABLE_BYTES;
    return stats.table_bytes < limit + limit / 2;
}

bool lia_batch_waits(const lia_batch *batch)
{
    return batch->definitions.waits || lia_backgrounds_wait(&batch->applier.backgrounds);
}

lia_err lia_batch_background(lia_batch *batch, uint64_t busy_ns, bool *worked)
{
    *worked = false;
    if (!lia_batch_waits(batch) || !has_room(batch)) return LIA_OK;
    lia_arena_reset(&batch->turn_arena);
    /* In turns, so that neither waits for the other's end. */
    batch->indexes_next = !batch->indexes_next;
    lia_err err = LIA_OK;
    if (batch->indexes_next)
        err = lia_definitions_work(&batch->definitions, &batch->applier, busy_ns, worked);
    if (!err && !*worked)
        err = lia_backgrounds_work(&batch->applier.backgrounds, &batch->applier.rows, busy_ns,
                                   &batch->turn_arena, worked);
    if (!err && !*worked)
        err = lia_definitions_work(&batch->definitions, &batch->applier, busy_ns, worked);
    if (err)
        return lia_why_set(&batch->why, err, "the views cannot be kept: %s", lia_err_text(err));
    return *worked ? lia_batch_publish(batch, false) : LIA_OK;
}
