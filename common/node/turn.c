/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers stage; the writer keeps. Staged ops are differences against the state as it stood when
 * the turn began, so a handler that fails leaves nothing behind and needs no undo. */
#include "common/node/turn.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/assert.h"
#include "common/node/work.h"
#include "common/wire/unpack.h"

ProtobufCMessage *lia_turn_unpack(lia_turn *turn, const ProtobufCMessageDescriptor *type,
                                  lia_span bytes)
{
    return lia_unpack(type, bytes, turn->arena);
}

static lia_span pack(lia_turn *turn, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = lia_arena_take(turn->arena, size + 1);
    if (!bytes) return LIA_SPAN_NONE;
    protobuf_c_message_pack(message, bytes);
    return lia_span_make(bytes, size);
}

void lia_turn_begin(lia_turn *turn, lia_turn_type type, lia_time now, uint32_t actor)
{
    lia_turn_work *work = turn->work;
    *work = (lia_turn_work){.type = type, .applier = work->applier, .clock = work->clock};
    turn->now = now;
    turn->actor = actor;
}

const lia_rows *lia_turn_rows(lia_turn *turn)
{
    return &turn->work->applier->rows;
}

lia_err lia_turn_load(lia_turn *turn, uint16_t number, lia_id id, ProtobufCMessage **out)
{
    const lia_kind *kind = lia_kind_find(number);
    lia_assert(kind && kind->message->descriptor);
    lia_span bytes;
    *out = NULL;
    lia_err err = lia_rows_message(lia_turn_rows(turn), kind, id, turn->arena, &bytes, NULL);
    if (err) return err == LIA_EGONE ? LIA_EABSENT : err;
    *out = lia_turn_unpack(turn, kind->message->descriptor, bytes);
    return *out ? LIA_OK : turn->arena->exhausted ? LIA_EFULL : LIA_ECORRUPT;
}

/* ---- recording ------------------------------------------------------------------------------ */

static lia_op *find_op(lia_staged_event *event, lia_id record)
{
    for (size_t i = 0; i < event->op_count; i++)
        if (lia_id_equal(event->ops[i].record, record)) return &event->ops[i];
    return NULL;
}

static lia_op *add_op(lia_turn *turn)
{
    lia_turn_work *work = turn->work;
    lia_staged_event *event = &work->open;
    if (event->op_count == work->op_capacity) {
        size_t capacity = work->op_capacity ? work->op_capacity * 2 : 4;
        lia_op *ops = lia_arena_take(turn->arena, capacity * sizeof *ops);
        if (!ops) return NULL;
        if (event->op_count) memcpy(ops, event->ops, event->op_count * sizeof *ops);
        event->ops = ops;
        work->op_capacity = capacity;
    }
    return &event->ops[event->op_count++];
}

/* Which customer a record speaks of: itself, or the one it points to. */
static lia_id customer_of(const lia_kind *kind, lia_id id, lia_span message)
{
    lia_pb_field field;
    if (kind->number == LIA_CUSTOMER) return id;
    if (kind->customer && lia_pb_find(message, kind->customer->number, &field))
        return lia_id_from(field.bytes);
    return LIA_ID_NONE;
}

void lia_about(lia_turn *turn, lia_id customer)
{
    lia_id *about = &turn->work->open.customer;
    if (lia_id_is_none(customer)) return;
    lia_assert(lia_id_is_none(*about) || lia_id_equal(*about, customer));
    *about = customer;
}

static lia_hlc open_hlc(lia_turn_work *work, lia_time now)
{
    if (!work->open.hlc) work->open.hlc = lia_clock_next(work->clock, now);
    return work->open.hlc;
}

/* Whether a command with a key has made this id. */
static bool is_made_here(const lia_turn *turn, lia_id id);

static const lia_refusal_text not_everywhere = {
    "feature-off", "not all members of the cluster understand this yet: 'liaison status' tells which "
                   "ones have to be upgraded"};

static bool is_too_new(const lia_turn_work *work, uint16_t kind)
{
    const lia_feature *wanted = lia_feature_of_kind(kind);
    return wanted && !(work->applier->features >> wanted->bit & 1);
}

lia_err lia_turn_write(lia_turn *turn, const lia_kind *kind, lia_id id, lia_span message,
                       const uint32_t *mask, size_t mask_count)
{
    lia_turn_work *work = turn->work;
    lia_assert(work->type != LIA_TURN_FOLD);
    if (kind->owner != LIA_DEPARTMENT_ANY && kind->owner != turn->department)
        return lia_turn_fail(turn, LIA_EOWNER, "%s are the work of %s; ask by hand-over",
                             kind->plural, lia_department_name(kind->owner));
    if (is_too_new(work, kind->number)) return lia_refuse(turn, &not_everywhere);
    lia_record record = {0};
    lia_err err = lia_rows_record(lia_turn_rows(turn), kind->number, id, turn->arena, &record);
    if (err && err != LIA_EABSENT) return err;
    if (!err && is_made_here(turn, id))
        return lia_turn_fail(
            turn, LIA_EEXIST,
            "this was done before under the same Idempotency-Key, so long ago that "
            "its answer is not known any more");

    lia_op op = {.record = id, .kind = kind->number};
    err = lia_record_diff(&record, kind->message, message, mask, mask_count,
                          open_hlc(work, turn->now), turn->arena, &op);
    if (err) return err;
    if (!op.set.size && !op.touch_count) return LIA_OK;
    op.record = id;
    op.kind = kind->number;
    lia_about(turn, customer_of(kind, id, message));
    lia_op *place = find_op(&work->open, id);
    if (!place) place = add_op(turn);
    if (!place) return LIA_EFULL;
    *place = op;
    return LIA_OK;
}

lia_err lia_turn_record(lia_turn *turn, uint16_t number, lia_id id, const ProtobufCMessage *message)
{
    const lia_kind *kind = lia_kind_find(number);
    lia_assert(kind && message->descriptor == kind->message->descriptor);
    lia_span bytes = pack(turn, message);
    if (!bytes.data) return LIA_EFULL;
    return lia_turn_write(turn, kind, id, bytes, NULL, 0);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* What is secret is told by facts that no stream carries. */
static bool keeps_secrets(const lia_staged_event *event, const lia_fact *fact)
{
    for (size_t i = 0; i < event->op_count; i++) {
        const lia_kind *kind = lia_kind_find(event->ops[i].kind);
        if (kind && kind->secret && !(fact && fact->secret)) return false;
    }
    return true;
}

static lia_err end_event(lia_turn *turn, const lia_fact *fact, lia_span bytes)
{
    lia_turn_work *work = turn->work;
    lia_assert(keeps_secrets(&work->open, fact));
    lia_staged_event *event = lia_arena_take(turn->arena, sizeof *event);
    if (!event) return LIA_EFULL;
    open_hlc(work, turn->now);
    *event = work->open;
    event->fact = fact;
    event->fact_bytes = bytes;
    event->next = NULL;
    if (work->last)
        work->last->next = event;
    else
        work->first = event;
    work->last = event;
    work->told++;
    work->open = (lia_staged_event){0};
    work->op_capacity = 0;
    return LIA_OK;
}

static const lia_fact *fact_of(const ProtobufCMessageDescriptor *descriptor)
{
    size_t count;
    const lia_fact *facts = lia_facts(&count);
    for (size_t i = 0; i < count; i++)
        if (facts[i].message->descriptor == descriptor) return &facts[i];
    return NULL;
}

lia_err lia_turn_tell(lia_turn *turn, const ProtobufCMessage *message)
{
    lia_assert(turn->work->type != LIA_TURN_FOLD);
    const lia_fact *fact = fact_of(message->descriptor);
    lia_assert(fact);
    lia_span bytes = pack(turn, message);
    if (!bytes.data) return LIA_EFULL;
    return end_event(turn, fact, bytes);
}

lia_err lia_turn_finish(lia_turn *turn, uint32_t number)
{
    lia_turn_work *work = turn->work;
    if (!work->open.op_count) return LIA_OK;
    /* A plain change says which record it was; a handler's rest of ops says nothing. */
    const lia_fact *fact = lia_fact_find(number);
    lia_buf bytes = lia_buf_make(turn->arena);
    if (fact) {
        const lia_op *op = &work->open.ops[0];
        lia_pb_put_varint(&bytes, 1, op->kind);
        lia_pb_put_bytes(&bytes, 2, lia_id_span(&op->record));
        if (bytes.failed) return LIA_EFULL;
    }
    return end_event(turn, fact, lia_buf_get(&bytes));
}

/* ---- declining ------------------------------------------------------------------------------ */

lia_err lia_refuse(lia_turn *turn, lia_refusal refusal)
{
    turn->work->refusal = refusal;
    return LIA_EREFUSED;
}

lia_err lia_turn_fail(lia_turn *turn, lia_err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(turn->work->why.text, sizeof turn->work->why.text, format, args);
    va_end(args);
    return err;
}

void lia_turn_answer(lia_turn *turn, uint16_t kind, lia_id record)
{
    turn->work->answer_kind = kind;
    turn->work->answer = record;
}

void lia_turn_take_key(lia_turn_work *work)
{
    if (!work->reactor || !lia_id_is_none(work->command)) return;
    uint8_t name[12], digest[LIA_DIGEST_SIZE];
    const lia_event *cause = work->caused_by;
    bool by_command = !lia_id_is_none(cause->header.command);
    lia_id first = by_command ? cause->header.command : LIA_ID_NONE;
    lia_id about = by_command && cause->op_count ? cause->ops[0].record : LIA_ID_NONE;
    lia_put_u32(name, by_command ? cause->header.part : cause->header.node);
    lia_put_u64(name + 4, by_command ? cause->header.request : cause->header.incarnation);
    if (!by_command) lia_put_u64(about.bytes, cause->header.seq);
    lia_span parts[] = {lia_span_text(work->reactor), LIA_SPAN_OF(name),
                        lia_span_make(first.bytes, LIA_ID_SIZE),
                        lia_span_make(about.bytes, LIA_ID_SIZE)};
    lia_digest_of("liaison.reaction", parts, LIA_COUNT(parts), digest);
    work->command = lia_id_derive("liaison.reaction", LIA_SPAN_OF(digest));
}

/* The request is in it, so that a key that is used again by mistake, at a node that does not know
 * of the first use, makes a record of its own and does not mix two people into one. */
static lia_id keyed_id(const lia_turn *turn, uint32_t number)
{
    const lia_turn_work *work = turn->work;
    uint8_t seed[LIA_ID_SIZE + 17];
    memcpy(seed, work->command.bytes, LIA_ID_SIZE);
    lia_put_u64(seed + LIA_ID_SIZE, work->request);
    lia_put_u32(seed + LIA_ID_SIZE + 8, turn->actor);
    lia_put_u32(seed + LIA_ID_SIZE + 12, number);
    seed[LIA_ID_SIZE + 16] = (uint8_t)turn->department;
    return lia_id_derive_like("liaison.keyed", LIA_SPAN_OF(seed), work->command);
}

static bool is_keyed(const lia_turn_work *work)
{
    return work->type == LIA_TURN_COMMAND && !lia_id_is_none(work->command);
}

static bool is_made_here(const lia_turn *turn, lia_id id)
{
    const lia_turn_work *work = turn->work;
    bool found = false;
    for (uint32_t i = 0; is_keyed(work) && i < work->new_ids && !found; i++)
        found = lia_id_equal(keyed_id(turn, i), id);
    return found;
}

lia_id lia_turn_new_id(lia_turn *turn)
{
    lia_turn_work *work = turn->work;
    if (is_keyed(work)) return keyed_id(turn, work->new_ids++);
    if (work->type == LIA_TURN_COMMAND) return lia_id_make(turn->now.ms);
    lia_turn_take_key(work);
    uint8_t seed[LIA_ID_SIZE + 4];
    memcpy(seed, work->command.bytes, LIA_ID_SIZE);
    lia_put_u32(seed + LIA_ID_SIZE, work->new_ids++);
    return lia_id_derive("liaison.record", LIA_SPAN_OF(seed));
}

/* ---- jobs ----------------------------------------------------------------------------------- */

static lia_err stage_job(lia_turn *turn, const char *job, lia_id key, lia_staged_job wanted)
{
    lia_turn_work *work = turn->work;
    lia_assert(work->type != LIA_TURN_FOLD);
    lia_assert(strlen(job) + 1 + LIA_ID_SIZE <= 64);
    lia_buf name = lia_buf_make(turn->arena);
    lia_buf_add(&name, job, strlen(job) + 1);
    lia_buf_add(&name, key.bytes, LIA_ID_SIZE);
    lia_staged_job *staged = lia_arena_take(turn->arena, sizeof *staged);
    if (!staged || name.failed) return LIA_EFULL;
    *staged = wanted;
    staged->name = lia_buf_get(&name);
    if (work->jobs_last)
        work->jobs_last->next = staged;
    else
        work->jobs = staged;
    work->jobs_last = staged;
    return LIA_OK;
}

lia_err lia_job_set(lia_turn *turn, const char *job, lia_id key, lia_time due, lia_span payload)
{
    lia_span copy = lia_arena_copy(turn->arena, payload);
    if (!copy.data) return LIA_EFULL;
    return stage_job(turn, job, key, (lia_staged_job){.due = due, .payload = copy});
}

lia_err lia_job_clear(lia_turn *turn, const char *job, lia_id key)
{
    return stage_job(turn, job, key, (lia_staged_job){.clear = true});
}

/* ---- folds ---------------------------------------------------------------------------------- */

lia_err lia_fold_get(lia_turn *turn, lia_span name, lia_span *value)
{
    lia_key key = lia_key_fold(name);
    return lia_rows_get(lia_turn_rows(turn), lia_key_span(&key), value);
}

lia_err lia_fold_put(lia_turn *turn, lia_span name, lia_span value)
{
    lia_assert(turn->work->type == LIA_TURN_FOLD);
    lia_key key = lia_key_fold(name);
    return lia_views_put(turn->work->applier->rows.views, lia_key_span(&key), value);
}

lia_err lia_fold_del(lia_turn *turn, lia_span name)
{
    lia_assert(turn->work->type == LIA_TURN_FOLD);
    lia_key key = lia_key_fold(name);
    return lia_views_del(turn->work->applier->rows.views, lia_key_span(&key));
}

lia_err lia_fold_scan(lia_turn *turn, lia_span prefix, lia_scan **out)
{
    lia_key key = lia_key_fold(prefix);
    return lia_rows_scan(lia_turn_rows(turn), lia_key_span(&key), out);
}
