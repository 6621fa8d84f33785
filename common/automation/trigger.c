/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/trigger.h"

#include "common/automation/clock.h"
#include "common/automation/run.h"
#include "common/base/hlc.h"
#include "common/base/log.h"
#include "common/node/before.h"
#include "common/node/fields.h"
#include "common/wire/pb.h"

/* Numbers as in proto/automation.proto. */
enum { RUN_BEGAN = 85, RUN_ADVANCED = 88 };

static bool is_of_run(uint32_t fact)
{
    return fact >= RUN_BEGAN && fact <= RUN_ADVANCED;
}

/* ---- what an event is about -------------------------------------------------------------------
 */

static const lia_op *op_of(const lia_event *event, uint16_t kind)
{
    for (size_t i = 0; i < event->op_count; i++)
        if (event->ops[i].kind == kind) return &event->ops[i];
    return NULL;
}

static bool writes(const lia_op *op, uint32_t field)
{
    lia_pb_field found;
    if (lia_pb_find(op->set, field, &found)) return true;
    for (size_t i = 0; i < op->touch_count; i++)
        if (op->touches[i].field == field) return true;
    return false;
}

static bool writes_any(const Automation__Rule *rule, const lia_kind *kind, const lia_op *op)
{
    for (size_t i = 0; i < rule->n_fields; i++) {
        const lia_field *field = lia_field_by_name(kind->message, lia_span_text(rule->fields[i]));
        if (field && writes(op, field->number)) return true;
    }
    return !rule->n_fields;
}

bool lia_trigger_fits(const lia_definition *d, const lia_event *event, const lia_op **op,
                      lia_id *record)
{
    *op = op_of(event, d->kind->number);
    *record = *op ? (*op)->record : LIA_ID_NONE;
    if (d->is_flow) return false;
    if (d->rule->trigger == AUTOMATION__TRIGGER__TRIGGER_FACT) {
        if (event->header.fact != d->fact) return false;
        if (!*op && d->kind->number == LIA_CUSTOMER) *record = event->header.customer;
        return !lia_id_is_none(*record);
    }
    return d->rule->trigger == AUTOMATION__TRIGGER__TRIGGER_CHANGE && *op &&
           writes_any(d->rule, d->kind, *op);
}

/* ---- conditions -------------------------------------------------------------------------------
 */

static bool is_empty(const lia_subject *before)
{
    return before->filter.message.size == 0;
}

static bool change_fits(Automation__ChangeType wanted, const lia_subject *before,
                        const lia_subject *after)
{
    bool archives = after->archived && !before->archived;
    switch (wanted) {
    case AUTOMATION__CHANGE_TYPE__CHANGE_TYPE_CREATED:
        return is_empty(before);
    case AUTOMATION__CHANGE_TYPE__CHANGE_TYPE_CHANGED:
        return !is_empty(before) && !archives;
    case AUTOMATION__CHANGE_TYPE__CHANGE_TYPE_ARCHIVED:
        return archives;
    default:
        return true;
    }
}

bool lia_trigger_holds(const lia_definition *d, const lia_event *event, const lia_op *op,
                       const lia_subject *before, const lia_subject *after)
{
    (void)event, (void)op;
    const Automation__Rule *rule = d->rule;
    if (after->archived && rule->change != AUTOMATION__CHANGE_TYPE__CHANGE_TYPE_ARCHIVED)
        return false;
    if (before && !change_fits(rule->change, before, after)) return false;
    if (before && d->before && (is_empty(before) || !lia_filter_holds(d->before, &before->filter)))
        return false;
    return !d->condition || lia_filter_holds(d->condition, &after->filter);
}

size_t lia_occasion_of(const lia_event *event, uint8_t out[48])
{
    const lia_header *header = &event->header;
    bool by_command = !lia_id_is_none(header->command) && event->op_count;
    if (!by_command) {
        lia_put_u16(out, header->node);
        lia_put_u64(out + 2, header->incarnation);
        lia_put_u64(out + 10, header->seq);
        return 18;
    }
    memcpy(out, header->command.bytes, LIA_ID_SIZE);
    memcpy(out + 16, event->ops[0].record.bytes, LIA_ID_SIZE);
    lia_put_u32(out + 32, header->part);
    lia_put_u64(out + 36, header->request);
    return 44;
}

/* ---- the listener -----------------------------------------------------------------------------
 */

typedef struct looking {
    lia_turn *turn;
    lia_book *book;
    const lia_occurrence *seen;
} looking;

static lia_err set_off(const looking *l, const lia_definition *d, lia_id record)
{
    const lia_header *header = &l->seen->event->header;
    uint8_t occasion[48];
    size_t size = lia_occasion_of(l->seen->event, occasion);
    const lia_start start = {.definition = d->id,
                             .kind = d->kind->number,
                             .record = record,
                             .cause = {header->incarnation, header->seq, header->node},
                             .depth = header->depth + 1};
    /* It falls to the node where it happened, if that is one of the department. */
    bool ours = header->department == (uint32_t)l->turn->department;
    bool here = ours && header->node == lia_turn_member(l->turn);
    lia_id run = lia_run_id(d->id, record, lia_span_make(occasion, size));
    return lia_run_set_off(l->turn, run, &start, ours && !here, here);
}

static lia_err load_before(const looking *l, const lia_op *op, const lia_subject *after,
                           lia_subject *before)
{
    lia_arena *arena = l->turn->arena;
    lia_record record = after->record;
    record.registers = lia_arena_take(arena, (record.count + 1) * sizeof *record.registers);
    if (!record.registers) return LIA_EFULL;
    if (record.count)
        memcpy(record.registers, after->record.registers, record.count * sizeof *record.registers);
    record.capacity = record.count;
    lia_err err = lia_record_take_back(&record, lia_turn_rows(l->turn), l->seen->event, op, arena);
    if (!err) err = lia_subject_make(before, &record, after->kind, after->filter.id, arena);
    if (!err) before->filter.world = after->filter.world;
    return err;
}

static lia_err consider(const looking *l, const lia_definition *d)
{
    const lia_event *event = l->seen->event;
    const lia_op *op;
    lia_id record;
    lia_subject after, before;
    if (!lia_trigger_fits(d, event, &op, &record)) return LIA_OK;
    lia_time time = {lia_hlc_ms(event->header.hlc)};
    if (time.ms < d->rule->enabled_at) return LIA_OK;
    lia_err err = lia_subject_load(&after, l->book, lia_turn_rows(l->turn), d->kind, record,
                                   l->turn->now, l->turn->arena);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    bool looks_back = op && lia_trigger_looks_back(d);
    if (looks_back) err = load_before(l, op, &after, &before);
    if (err || !lia_trigger_holds(d, event, op, looks_back ? &before : NULL, &after)) return err;
    return set_off(l, d, record);
}

/* What follows from a run is for rules only where it tells of a failure, and ends with the chain.
 */
static bool sets_rules_off(const looking *l)
{
    const lia_header *header = &l->seen->event->header;
    if (header->quiet || lia_hlc_ms(header->hlc) < lia_turn_born(l->turn).ms) return false;
    return !is_of_run(header->fact) || header->depth < LIA_AUTOMATION_DEPTH_MAX;
}

static lia_err watch_run(const looking *l)
{
    const lia_event *event = l->seen->event;
    if (event->header.node == lia_turn_member(l->turn)) return LIA_OK;
    const lia_op *op = op_of(event, LIA_RUN);
    return op ? lia_run_watch(l->turn, op->record) : LIA_OK;
}

static lia_err wake_runs(const looking *l)
{
    const lia_event *event = l->seen->event;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < event->op_count && !err; i++)
        if (event->ops[i].kind < LIA_RULE || event->ops[i].kind > LIA_ROTA)
            err = lia_runs_wake(l->turn, event->ops[i].record);
    /* Exit conditions may ask for figures over the customer's interactions. */
    if (!err && !lia_id_is_none(event->header.customer) && !op_of(event, LIA_CUSTOMER))
        err = lia_runs_wake(l->turn, event->header.customer);
    return err;
}

lia_err lia_trigger_react(lia_turn *turn, const lia_occurrence *seen)
{
    looking l = {.turn = turn, .seen = seen};
    lia_err err = lia_book_open(turn, &l.book);
    if (!err && l.book->clocks) err = lia_clocks_keep(turn, l.book);
    const lia_op *op = op_of(seen->event, LIA_RULE);
    if (!err && op) err = lia_clock_changed(turn, l.book, op->record);
    if (!err && is_of_run(seen->event->header.fact)) err = watch_run(&l);
    if (!err && l.book->watches) err = wake_runs(&l);
    for (const lia_definition *d = sets_rules_off(&l) && !err ? l.book->first : NULL; d && !err;
         d = d->next)
        err = consider(&l, d);
    return err;
}

bool lia_trigger_wants(lia_turn *turn, uint32_t fact)
{
    lia_book *book;
    lia_err err = lia_book_open(turn, &book);
    if (err) {
        LIA_LOG(WARN, "rules.unreadable", LIA_ERR(err));
        return false;
    }
    return book->clocks || book->watches || is_of_run(fact) || lia_book_wants(book, fact);
}
