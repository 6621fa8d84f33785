/* SPDX-License-Identifier: Apache-2.0 */
#include "services/sales/deal.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_DEAL_IS_CLOSED[1] = {
    {"deal-is-closed", "The deal is closed; reopen it first."}};
const lia_refusal_text LIA_DEAL_IS_OPEN[1] = {{"deal-is-open", "The deal is open already."}};
const lia_refusal_text LIA_DEAL_IS_ARCHIVED[1] = {
    {"deal-is-archived", "The deal is archived; restore it first."}};
const lia_refusal_text LIA_DEAL_IS_THERE_ALREADY[1] = {
    {"deal-is-there-already", "The deal is in that stage already."}};
const lia_refusal_text LIA_DEAL_HAS_NO_SUCH_STAGE[1] = {
    {"deal-has-no-such-stage", "The deal's pipeline has no such stage."}};
const lia_refusal_text LIA_DEAL_HAS_NO_REASON[1] = {
    {"deal-has-no-reason", "Say why the deal is lost."}};
const lia_refusal_text LIA_DEAL_HAS_NO_PIPELINE[1] = {
    {"deal-has-no-pipeline", "There is no such pipeline, or no default one; name a pipeline."}};
const lia_refusal_text LIA_DEAL_IS_ABOVE_CERTAIN[1] = {
    {"deal-is-above-certain", "A deal's probability is a percentage, 0 to 100."}};
const lia_refusal_text LIA_DEAL_HAS_MOVED_TOO_OFTEN[1] = {
    {"deal-has-moved-too-often", "The deal has changed its stage 200 times; open a new one."}};

lia_err lia_deal_room_make(lia_deal_room *room, const Sales__Deal *deal, lia_arena *arena)
{
    room->visit = lia_arena_take(arena, sizeof *room->visit);
    room->list = lia_arena_take(arena, (deal->n_history + 1) * sizeof(Sales__StageVisit *));
    if (!room->visit || !room->list) return LIA_EFULL;
    sales__stage_visit__init(room->visit);
    if (deal->n_history)
        memcpy(room->list, deal->history, deal->n_history * sizeof(Sales__StageVisit *));
    return LIA_OK;
}

/* The visits are a set by number, in no order that counts. */
static Sales__StageVisit *last_visit(const Sales__Deal *deal)
{
    Sales__StageVisit *last = NULL;
    for (size_t i = 0; i < deal->n_history; i++)
        if (!last || deal->history[i]->visit > last->visit) last = deal->history[i];
    return last;
}

static void leave_stage(Sales__Deal *deal, lia_time now)
{
    Sales__StageVisit *visit = last_visit(deal);
    if (visit && !visit->has_left_at) LIA_SET(visit, left_at, now.ms);
}

static void enter_stage(Sales__Deal *deal, const Sales__Stage *stage, lia_time now,
                        lia_deal_room room)
{
    const Sales__StageVisit *last = last_visit(deal);
    LIA_SET(room.visit, visit, last ? last->visit + 1 : 1);
    room.visit->stage = stage->name;
    LIA_SET(room.visit, entered_at, now.ms);
    room.list[deal->n_history] = room.visit;
    deal->history = room.list;
    deal->n_history++;

    deal->stage = stage->name;
    LIA_SET(deal, stage_since, now.ms);
}

/* What every move of an open deal checks first. */
static lia_refusal check_open(const Sales__Deal *deal)
{
    if (deal->archived) return LIA_DEAL_IS_ARCHIVED;
    return deal->state == LIA_DEAL_OPEN ? LIA_ALLOWED : LIA_DEAL_IS_CLOSED;
}

lia_refusal lia_deal_open(Sales__Deal *deal, const Sales__Pipeline *pipeline, lia_time now,
                          lia_deal_room room)
{
    if (deal->probability > 100) return LIA_DEAL_IS_ABOVE_CERTAIN;
    const Sales__Stage *first = lia_pipeline_first(pipeline);
    if (!first) return LIA_DEAL_HAS_NO_SUCH_STAGE;

    LIA_SET(deal, state, LIA_DEAL_OPEN);
    if (!deal->has_probability) LIA_SET(deal, probability, first->probability);
    enter_stage(deal, first, now, room);
    return LIA_ALLOWED;
}

lia_refusal lia_deal_advance(Sales__Deal *deal, const Sales__Pipeline *pipeline, const char *name,
                             lia_time now, lia_deal_room room)
{
    lia_refusal no = check_open(deal);
    if (no) return no;
    const Sales__Stage *stage = lia_pipeline_stage(pipeline, name);
    if (!stage) return LIA_DEAL_HAS_NO_SUCH_STAGE;
    if (deal->stage && strcmp(deal->stage, stage->name) == 0) return LIA_DEAL_IS_THERE_ALREADY;
    if (deal->n_history >= LIA_DEAL_VISITS_MAX) return LIA_DEAL_HAS_MOVED_TOO_OFTEN;

    leave_stage(deal, now);
    enter_stage(deal, stage, now, room);
    LIA_SET(deal, probability, stage->probability);
    return LIA_ALLOWED;
}

static void close_deal(Sales__Deal *deal, Sales__DealState state, uint32_t probability,
                       lia_time now)
{
    leave_stage(deal, now);
    LIA_SET(deal, state, state);
    LIA_SET(deal, closed_at, now.ms);
    LIA_SET(deal, probability, probability);
}

lia_refusal lia_deal_win(Sales__Deal *deal, lia_time now)
{
    lia_refusal no = check_open(deal);
    if (no) return no;
    close_deal(deal, LIA_DEAL_WON, 100, now);
    return LIA_ALLOWED;
}

lia_refusal lia_deal_lose(Sales__Deal *deal, Sales__LostReason reason, const char *note,
                          lia_time now)
{
    lia_refusal no = check_open(deal);
    if (no) return no;
    if (!protobuf_c_enum_descriptor_get_value(&sales__lost_reason__descriptor, (int)reason) ||
        reason == SALES__LOST_REASON__LOST_REASON_NONE)
        return LIA_DEAL_HAS_NO_REASON;

    close_deal(deal, LIA_DEAL_LOST, 0, now);
    LIA_SET(deal, lost_reason, reason);
    deal->lost_note = note;
    return LIA_ALLOWED;
}

lia_refusal lia_deal_reopen(Sales__Deal *deal, const Sales__Pipeline *pipeline, lia_time now,
                            lia_deal_room room)
{
    if (deal->archived) return LIA_DEAL_IS_ARCHIVED;
    if (deal->state == LIA_DEAL_OPEN) return LIA_DEAL_IS_OPEN;
    const Sales__Stage *stage = lia_pipeline_stage(pipeline, deal->stage);
    if (!stage) stage = lia_pipeline_first(pipeline);
    if (!stage) return LIA_DEAL_HAS_NO_SUCH_STAGE;
    if (deal->n_history >= LIA_DEAL_VISITS_MAX) return LIA_DEAL_HAS_MOVED_TOO_OFTEN;

    LIA_SET(deal, state, LIA_DEAL_OPEN);
    LIA_CLEAR(deal, closed_at);
    LIA_CLEAR(deal, lost_reason);
    deal->lost_note = NULL;
    LIA_SET(deal, probability, stage->probability);
    enter_stage(deal, stage, now, room);
    return LIA_ALLOWED;
}

static bool same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return lia_span_equal(lia_span_make(a.data, a.len), lia_span_make(b.data, b.len));
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_money(const Crm__Money *a, const Crm__Money *b)
{
    if (!a || !b) return a == b;
    return a->amount_minor == b->amount_minor && same_text(a->currency, b->currency);
}

lia_refusal lia_deal_change(const Sales__Deal *before, const Sales__Deal *after)
{
    if (after->probability > 100) return LIA_DEAL_IS_ABOVE_CERTAIN;
    if (before->state == LIA_DEAL_OPEN) return LIA_ALLOWED;
    bool stands = same_money(before->amount, after->amount) &&
                  same_bytes(before->customer, after->customer) &&
                  same_bytes(before->pipeline, after->pipeline);
    return stands ? LIA_ALLOWED : LIA_DEAL_IS_CLOSED;
}
