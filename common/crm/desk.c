/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/desk.h"

#include "common/crm/lookup.h"
#include "common/node/fields.h"

lia_err lia_handover_tell_accepted(lia_turn *turn, lia_id id, const Crm__Handover *handover)
{
    lia_err err = lia_record(turn, LIA_HANDOVER, id, handover);
    if (err) return err;

    Crm__HandoverAccepted fact = CRM__HANDOVER_ACCEPTED__INIT;
    LIA_SET_ID(&fact, handover, &id);
    LIA_SET(&fact, from, handover->from);
    LIA_SET(&fact, to, handover->to);
    return lia_tell(turn, &fact);
}

lia_err lia_handover_tell_refused(lia_turn *turn, lia_id id, const Crm__Handover *handover)
{
    lia_err err = lia_record(turn, LIA_HANDOVER, id, handover);
    if (err) return err;

    Crm__HandoverRefused fact = CRM__HANDOVER_REFUSED__INIT;
    LIA_SET_ID(&fact, handover, &id);
    LIA_SET(&fact, from, handover->from);
    LIA_SET(&fact, to, handover->to);
    fact.answer = handover->answer;
    return lia_tell(turn, &fact);
}

/* A desk declines for reasons of its own only while the offer stands, so this cannot fail. */
static lia_err refuse(lia_turn *turn, lia_id id, Crm__Handover *offer, const char *answer)
{
    lia_refusal no = lia_handover_refuse(offer, turn->department, answer);
    return no ? lia_refuse(turn, no) : lia_handover_tell_refused(turn, id, offer);
}

/* Opens first: a department that cannot has staged nothing, and refuses. */
static lia_err accept(const lia_desk *desk, lia_turn *turn, lia_id id, Crm__Handover *offer)
{
    /* The same hand-over gives the same record, on every node that might answer it. */
    lia_id work = lia_id_derive("handover.work", lia_id_span(&id));
    lia_err err = lia_record_exists(turn, desk->kind, work);
    if (err == LIA_EABSENT) err = desk->open(turn, work, id, offer);
    if (err == LIA_EREFUSED) return refuse(turn, id, offer, desk->cannot);
    if (err) return err;

    lia_refusal no = lia_handover_accept(offer, turn->department);
    if (no) return lia_refuse(turn, no);
    if (desk->kind == LIA_DEAL) LIA_SET_ID(offer, deal, &work);
    if (desk->kind == LIA_TICKET) LIA_SET_ID(offer, ticket, &work);
    return lia_handover_tell_accepted(turn, id, offer);
}

static lia_err look_later(const lia_desk *desk, lia_turn *turn, lia_id id, uint8_t looks)
{
    lia_time due = {turn->now.ms + LIA_DESK_LOOK_MS};
    return lia_job_set(turn, desk->job, id, due, lia_span_make(&looks, 1));
}

/* Answers the hand-over if it is offered to this department and still open. */
static lia_err answer(const lia_desk *desk, lia_turn *turn, lia_id id, uint8_t looks)
{
    Crm__Handover *offer;
    lia_err err = lia_load(turn, LIA_HANDOVER, id, &offer);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if ((int)offer->to != (int)turn->department) return LIA_OK;
    if (offer->state != LIA_HANDOVER_OFFERED) return LIA_OK;
    if (!looks && turn->now.ms - offer->offered_at > LIA_DESK_FRESH_MS)
        return look_later(desk, turn, id, 1);

    Crm__Customer *customer;
    err = lia_load(turn, LIA_CUSTOMER, lia_id_in(offer->customer), &customer);
    if (err == LIA_EABSENT) {
        if (looks < LIA_DESK_LOOKS_MAX) return look_later(desk, turn, id, looks + 1);
        return refuse(turn, id, offer, "The customer is unknown here.");
    }
    if (err) return err;
    if (customer->archived) return refuse(turn, id, offer, "The customer is archived.");
    return accept(desk, turn, id, offer);
}

lia_err lia_desk_react(const lia_desk *desk, lia_turn *turn, const lia_occurrence *seen)
{
    const Crm__HandoverOffered *fact = seen->fact;
    if (!fact || (int)fact->to != (int)turn->department) return LIA_OK;
    return answer(desk, turn, lia_id_in(fact->handover), 0);
}

lia_err lia_desk_look(const lia_desk *desk, lia_turn *turn, lia_id handover, lia_span payload)
{
    return answer(desk, turn, handover, payload.size == 1 ? payload.data[0] : LIA_DESK_LOOKS_MAX);
}
