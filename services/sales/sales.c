/* SPDX-License-Identifier: Apache-2.0 */
/* sales - the switchboard of the sales department: what is asked of it, what it reacts to. The
 * rules are in deal.c and pipeline.c. */
#include "services/sales/sales.h"

#include "common/crm/desk.h"
#include "common/crm/lookup.h"
#include "common/node/fields.h"
#include "services/sales/deal.h"

/* ---- pipelines ------------------------------------------------------------------------------- */

/* Finds the pipeline that is the default besides `except`. LIA_EABSENT when there is none. */
static lia_err find_default(lia_turn *turn, lia_id except, lia_id *id, Sales__Pipeline **out)
{
    lia_key prefix = lia_key_kind(LIA_PIPELINE);
    lia_scan *scan;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    lia_span key, row;
    err = LIA_EABSENT;
    while (err == LIA_EABSENT && lia_scan_next(scan, &key, &row)) {
        size_t tag = prefix.size + LIA_ID_SIZE;
        if (key.size != tag + 1 || key.data[tag] != LIA_TAG_STATE) continue;
        *id = lia_id_from(lia_span_make(key.data + prefix.size, LIA_ID_SIZE));
        if (lia_id_equal(*id, except)) continue;
        err = lia_load(turn, LIA_PIPELINE, *id, out);
        if (!err && (!(*out)->is_default || (*out)->archived)) err = LIA_EABSENT;
    }
    if (err == LIA_EABSENT && lia_scan_status(scan)) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* A pipeline that becomes the default takes that place from the one that was. */
static lia_err prepare_pipeline(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Sales__Pipeline *was = before, *pipeline = after;
    lia_refusal no = lia_pipeline_check(pipeline);
    if (no) return lia_refuse(turn, no);
    if (!pipeline->is_default || (was && was->is_default)) return LIA_OK;

    lia_id other_id;
    Sales__Pipeline *other;
    lia_err err = find_default(turn, id, &other_id, &other);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    LIA_SET(other, is_default, false);
    return lia_record(turn, LIA_PIPELINE, other_id, other);
}

/* Loads the deal's pipeline; a deal without one gets the default. */
static lia_err load_pipeline(lia_turn *turn, Sales__Deal *deal, Sales__Pipeline **out)
{
    lia_id id = lia_id_in(deal->pipeline);
    lia_err err;
    if (!lia_id_is_none(id)) {
        err = lia_load(turn, LIA_PIPELINE, id, out);
    } else {
        id = lia_pipeline_default_id();
        err = lia_load(turn, LIA_PIPELINE, id, out);
        if (err == LIA_EABSENT || (!err && (!(*out)->is_default || (*out)->archived)))
            err = find_default(turn, LIA_ID_NONE, &id, out);
    }
    if (err) return err == LIA_EABSENT ? lia_refuse(turn, LIA_DEAL_HAS_NO_PIPELINE) : err;
    LIA_SET(deal, pipeline, lia_id_keep(turn->arena, id));
    return deal->pipeline.len ? LIA_OK : LIA_EFULL;
}

static lia_err make_default_pipeline(lia_turn *turn)
{
    lia_id id = lia_pipeline_default_id();
    lia_err err = lia_record_exists(turn, LIA_PIPELINE, id);
    if (err != LIA_EABSENT) return err;
    err = lia_record(turn, LIA_PIPELINE, id, lia_pipeline_default());
    if (err) return err;

    Crm__RecordCreated fact = CRM__RECORD_CREATED__INIT;
    LIA_SET(&fact, kind, LIA_PIPELINE);
    LIA_SET_ID(&fact, record, &id);
    return lia_tell(turn, &fact);
}

/* ---- deals: create and change ---------------------------------------------------------------- */

static lia_err tell_opened(lia_turn *turn, lia_id id, const Sales__Deal *deal)
{
    Sales__DealOpened fact = SALES__DEAL_OPENED__INIT;
    LIA_SET_ID(&fact, deal, &id);
    fact.stage = deal->stage;
    fact.amount = deal->amount;
    return lia_tell(turn, &fact);
}

static lia_err tell_advanced(lia_turn *turn, lia_id id, const char *from, const Sales__Deal *deal)
{
    Sales__DealAdvanced fact = SALES__DEAL_ADVANCED__INIT;
    LIA_SET_ID(&fact, deal, &id);
    fact.from = from;
    fact.to = deal->stage;
    return lia_tell(turn, &fact);
}

/* Puts a new deal into the first stage of its pipeline. */
static lia_err begin_deal(lia_turn *turn, Sales__Deal *deal)
{
    Sales__Pipeline *pipeline;
    lia_err err = load_pipeline(turn, deal, &pipeline);
    if (err) return err;
    lia_deal_room room;
    err = lia_deal_room_make(&room, deal, turn->arena);
    if (err) return err;
    lia_refusal no = lia_deal_open(deal, pipeline, turn->now, room);
    return no ? lia_refuse(turn, no) : LIA_OK;
}

/* A deal that changes to a pipeline without its stage begins there anew. */
static lia_err change_pipeline(lia_turn *turn, lia_id id, Sales__Deal *deal)
{
    Sales__Pipeline *pipeline;
    lia_err err = load_pipeline(turn, deal, &pipeline);
    if (err) return err;
    const Sales__Stage *first = lia_pipeline_first(pipeline);
    if (!first || lia_pipeline_stage(pipeline, deal->stage)) return LIA_OK;

    const char *from = deal->stage;
    lia_deal_room room;
    err = lia_deal_room_make(&room, deal, turn->arena);
    if (err) return err;
    lia_refusal no = lia_deal_advance(deal, pipeline, first->name, turn->now, room);
    return no ? lia_refuse(turn, no) : tell_advanced(turn, id, from, deal);
}

static bool same_id(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return lia_id_equal(lia_id_in(a), lia_id_in(b));
}

static lia_err prepare_deal(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Sales__Deal *was = before;
    Sales__Deal *deal = after;
    if (!was || !same_id(was->customer, deal->customer)) {
        lia_err err = lia_customer_must_exist(turn, deal->customer);
        if (err) return err;
    }
    if (!was) {
        lia_err err = begin_deal(turn, deal);
        return err ? err : tell_opened(turn, id, deal);
    }
    lia_refusal no = lia_deal_change(was, deal);
    if (no) return lia_refuse(turn, no);
    return same_id(was->pipeline, deal->pipeline) ? LIA_OK : change_pipeline(turn, id, deal);
}

/* ---- deals: verbs ---------------------------------------------------------------------------- */

static lia_err advance_deal(lia_turn *turn, const void *request)
{
    const Sales__AdvanceDeal *ask = request;
    lia_id id = lia_id_in(ask->deal);
    Sales__Deal *deal;
    Sales__Pipeline *pipeline;
    lia_deal_room room;
    lia_err err = lia_load(turn, LIA_DEAL, id, &deal);
    if (!err) err = load_pipeline(turn, deal, &pipeline);
    if (!err) err = lia_deal_room_make(&room, deal, turn->arena);
    if (err) return err;

    const char *from = deal->stage;
    lia_refusal no = lia_deal_advance(deal, pipeline, ask->stage, turn->now, room);
    if (no) return lia_refuse(turn, no);

    err = lia_record(turn, LIA_DEAL, id, deal);
    return err ? err : tell_advanced(turn, id, from, deal);
}

static lia_err win_deal(lia_turn *turn, const void *request)
{
    const Sales__WinDeal *ask = request;
    lia_id id = lia_id_in(ask->deal);
    Sales__Deal *deal;
    lia_err err = lia_load(turn, LIA_DEAL, id, &deal);
    if (err) return err;

    lia_refusal no = lia_deal_win(deal, turn->now);
    if (no) return lia_refuse(turn, no);

    err = lia_record(turn, LIA_DEAL, id, deal);
    if (err) return err;

    Sales__DealWon fact = SALES__DEAL_WON__INIT;
    LIA_SET_ID(&fact, deal, &id);
    fact.amount = deal->amount;
    return lia_tell(turn, &fact);
}

static lia_err lose_deal(lia_turn *turn, const void *request)
{
    const Sales__LoseDeal *ask = request;
    lia_id id = lia_id_in(ask->deal);
    Sales__Deal *deal;
    lia_err err = lia_load(turn, LIA_DEAL, id, &deal);
    if (err) return err;

    lia_refusal no = lia_deal_lose(deal, ask->reason, ask->note, turn->now);
    if (no) return lia_refuse(turn, no);

    err = lia_record(turn, LIA_DEAL, id, deal);
    if (err) return err;

    Sales__DealLost fact = SALES__DEAL_LOST__INIT;
    LIA_SET_ID(&fact, deal, &id);
    LIA_SET(&fact, reason, deal->lost_reason);
    fact.amount = deal->amount;
    return lia_tell(turn, &fact);
}

static lia_err reopen_deal(lia_turn *turn, const void *request)
{
    const Sales__ReopenDeal *ask = request;
    lia_id id = lia_id_in(ask->deal);
    Sales__Deal *deal;
    Sales__Pipeline *pipeline;
    lia_deal_room room;
    lia_err err = lia_load(turn, LIA_DEAL, id, &deal);
    if (!err) err = load_pipeline(turn, deal, &pipeline);
    if (!err) err = lia_deal_room_make(&room, deal, turn->arena);
    if (err) return err;

    lia_refusal no = lia_deal_reopen(deal, pipeline, turn->now, room);
    if (no) return lia_refuse(turn, no);

    err = lia_record(turn, LIA_DEAL, id, deal);
    if (err) return err;

    Sales__DealReopened fact = SALES__DEAL_REOPENED__INIT;
    LIA_SET_ID(&fact, deal, &id);
    fact.stage = deal->stage;
    return lia_tell(turn, &fact);
}

/* ---- hand-overs ------------------------------------------------------------------------------ */

/* A customer handed to sales becomes a deal that nobody owns yet. */
static lia_err open_for_handover(lia_turn *turn, lia_id work, lia_id handover,
                                 const Crm__Handover *offer)
{
    Sales__Deal deal = SALES__DEAL__INIT;
    deal.name = offer->reason;
    LIA_SET(&deal, customer, offer->customer);
    LIA_SET_ID(&deal, handover, &handover);
    lia_err err = begin_deal(turn, &deal);
    if (err) return err;
    err = lia_record(turn, LIA_DEAL, work, &deal);
    return err ? err : tell_opened(turn, work, &deal);
}

#define LOOK_AGAIN "sales.handover"

static const lia_desk desk = {LOOK_AGAIN, LIA_DEAL, "Sales has no pipeline for it at the moment.",
                              open_for_handover};

static lia_err answer_handover(lia_turn *turn, const lia_occurrence *seen)
{
    return lia_desk_react(&desk, turn, seen);
}

static lia_err look_again(lia_turn *turn, lia_id handover, lia_span payload)
{
    return lia_desk_look(&desk, turn, handover, payload);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const lia_command_row commands[] = {
    {"deal.advance", "advance", LIA_DEAL, false, &sales__advance_deal__descriptor, advance_deal,
     "Moves an open deal to another stage of its pipeline."},
    {"deal.win", "win", LIA_DEAL, false, &sales__win_deal__descriptor, win_deal,
     "Closes an open deal as won."},
    {"deal.lose", "lose", LIA_DEAL, false, &sales__lose_deal__descriptor, lose_deal,
     "Closes an open deal as lost, with a coded reason."},
    {"deal.reopen", "reopen", LIA_DEAL, false, &sales__reopen_deal__descriptor, reopen_deal,
     "Opens a closed deal again, in the stage it was in."},
};

static const lia_rule_row rules[] = {
    {LIA_DEAL, prepare_deal},
    {LIA_PIPELINE, prepare_pipeline},
};

enum { HANDOVER_OFFERED = 10 }; /* proto/crm.proto */

static const lia_reactor_row reactors[] = {
    {"sales.handover", HANDOVER_OFFERED, answer_handover},
};

static const lia_job_row jobs[] = {
    {LOOK_AGAIN, look_again, .within_ms = LIA_DESK_LOOK_MS},
};

const lia_service lia_sales = {
    .name = "sales",
    .department = LIA_SALES,
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .rules = rules,
    .rule_count = LIA_COUNT(rules),
    .reactors = reactors,
    .reactor_count = LIA_COUNT(reactors),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .ready = make_default_pipeline,
};
