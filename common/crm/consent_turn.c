/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/consent_turn.h"

#include "common/crm/consent_read.h"
#include "common/identity/identity.h"
#include "common/node/fields.h"

/* A statement made here and now; its id tells it from all others. NULL when the arena is full. */
static Crm__ConsentStatement *new_statement(lia_turn *turn, const char *source, const char *note)
{
    Crm__ConsentStatement *statement = lia_arena_take(turn->arena, sizeof *statement);
    char *text = lia_arena_take(turn->arena, LIA_ID_TEXT_SIZE);
    if (!statement || !text) return NULL;
    lia_id_print(lia_turn_new_id(turn), text);
    crm__consent_statement__init(statement);
    statement->id = text;
    statement->source = source;
    statement->note = note;
    LIA_SET(statement, department, (Liaison__Department)turn->department);
    return statement;
}

/* The record about the use, or one that says nothing yet, and room for one more objection. */
static lia_err load(lia_turn *turn, lia_id customer, lia_use use, Crm__Consent **out,
                    Crm__ConsentStatement ***room)
{
    lia_err err = lia_load(turn, LIA_CONSENT, lia_consent_id(customer, use), out);
    if (err == LIA_EABSENT) {
        *out = lia_arena_take(turn->arena, sizeof **out);
        if (!*out) return LIA_EFULL;
        crm__consent__init(*out);
        LIA_SET(*out, customer, lia_id_keep(turn->arena, customer));
        LIA_SET(*out, purpose, use.purpose);
        if (use.channel) LIA_SET(*out, channel, use.channel);
        if (!(*out)->customer.len) return LIA_EFULL;
    } else if (err) {
        return err;
    }
    *room = lia_arena_take(turn->arena, ((*out)->n_objections + 1) * sizeof **room);
    return *room ? LIA_OK : LIA_EFULL;
}

static lia_id keep(lia_turn *turn, lia_id customer, const Crm__Consent *consent, lia_err *err)
{
    lia_id id = lia_consent_id(customer, lia_consent_use(consent));
    *err = lia_record(turn, LIA_CONSENT, id, consent);
    if (!*err) lia_turn_answer(turn, LIA_CONSENT, id);
    return id;
}

/* Records and tells: the four facts have the same fields. */
#define KEEP_AND_TELL(turn, customer, said, what, Fact, INIT)                                      \
    do {                                                                                           \
        lia_err kept;                                                                              \
        lia_id record = keep(turn, customer, said, &kept);                                         \
        if (kept) return kept;                                                                     \
        Fact fact = INIT;                                                                          \
        LIA_SET_ID(&fact, consent, &record);                                                       \
        LIA_SET(&fact, purpose, (said)->purpose);                                                  \
        if ((said)->channel) LIA_SET(&fact, channel, (said)->channel);                             \
        fact.statement = what;                                                                     \
        return lia_tell(turn, &fact);                                                              \
    } while (0)

/* Refuses when the record of that use has a live objection. LIA_OK: it has not. */
static lia_err check_one(lia_turn *turn, lia_id customer, lia_use use)
{
    Crm__Consent *said;
    lia_err err = lia_load(turn, LIA_CONSENT, lia_consent_id(customer, use), &said);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    return said->n_objections ? lia_refuse(turn, LIA_CONSENT_IS_OBJECTED) : LIA_OK;
}

/* An objection that was made to more than this use, or at another record of the same person, is not
 * taken back by the way. `own`: the record that is about to be written. */
static lia_err check_others(lia_turn *turn, lia_id own, lia_use use)
{
    static const lia_use any = {LIA_PURPOSE(ANY), CRM__CHANNEL__CHANNEL_UNKNOWN};
    const lia_use covering[] = {
        any, {use.purpose, any.channel}, {any.purpose, use.channel}, {use.purpose, use.channel}};
    lia_id written = lia_consent_id(own, use), *members;
    size_t count = 0;
    members = lia_arena_take(turn->arena, LIA_MEMBERS_SHOWN_MAX * sizeof *members);
    if (!members) return LIA_EFULL;
    lia_err err =
        lia_identity_members(lia_turn_rows(turn), own, members, LIA_MEMBERS_SHOWN_MAX, &count);
    for (size_t i = 0; i < count * LIA_COUNT(covering) && !err; i++) {
        lia_id member = members[i / LIA_COUNT(covering)];
        lia_use wider = covering[i % LIA_COUNT(covering)];
        if (!lia_id_equal(lia_consent_id(member, wider), written))
            err = check_one(turn, member, wider);
    }
    return err;
}

lia_err lia_consent_handle_permit(lia_turn *turn, const void *request)
{
    const Crm__PermitUse *ask = request;
    lia_id customer = lia_id_in(ask->customer);
    lia_use use = {ask->purpose, ask->channel};
    Crm__Consent *said;
    Crm__ConsentStatement **room, *statement = new_statement(turn, ask->source, ask->note);
    if (!statement) return LIA_EFULL;
    LIA_SET(statement, basis, ask->basis);
    if (ask->has_stated_at) LIA_SET(statement, stated_at, ask->stated_at);
    if (ask->has_until) LIA_SET(statement, until, ask->until);
    lia_err err = load(turn, customer, use, &said, &room);
    if (err) return err;

    lia_refusal no = lia_consent_permit(said, statement, turn->now);
    if (no) return lia_refuse(turn, no);
    err = check_others(turn, customer, use);
    if (err) return err;
    KEEP_AND_TELL(turn, customer, said, statement, Crm__ConsentPermitted,
                  CRM__CONSENT_PERMITTED__INIT);
}

lia_err lia_consent_handle_withdraw(lia_turn *turn, const void *request)
{
    const Crm__WithdrawUse *ask = request;
    lia_id customer = lia_id_in(ask->customer);
    Crm__Consent *said;
    Crm__ConsentStatement **room, *statement = new_statement(turn, ask->source, ask->note);
    if (!statement) return LIA_EFULL;
    if (ask->has_stated_at) LIA_SET(statement, stated_at, ask->stated_at);
    lia_err err = load(turn, customer, (lia_use){ask->purpose, ask->channel}, &said, &room);
    if (err) return err;

    lia_refusal no = lia_consent_withdraw(said, statement, turn->now, room);
    if (no) return lia_refuse(turn, no);
    KEEP_AND_TELL(turn, customer, said, statement, Crm__ConsentWithdrawn,
                  CRM__CONSENT_WITHDRAWN__INIT);
}

lia_err lia_consent_handle_object(lia_turn *turn, const void *request)
{
    const Crm__ObjectToUse *ask = request;
    lia_id customer = lia_id_in(ask->customer);
    Crm__Consent *said;
    Crm__ConsentStatement **room, *statement = new_statement(turn, ask->source, ask->note);
    if (!statement) return LIA_EFULL;
    if (ask->has_stated_at) LIA_SET(statement, stated_at, ask->stated_at);
    lia_err err = load(turn, customer, (lia_use){ask->purpose, ask->channel}, &said, &room);
    if (err) return err;

    lia_refusal no = lia_consent_object(said, statement, turn->now, room);
    if (no) return lia_refuse(turn, no);
    KEEP_AND_TELL(turn, customer, said, statement, Crm__ConsentObjected,
                  CRM__CONSENT_OBJECTED__INIT);
}

lia_err lia_consent_handle_lift(lia_turn *turn, const void *request)
{
    const Crm__LiftObjection *ask = request;
    Crm__Consent *said;
    Crm__ConsentStatement *statement = new_statement(turn, ask->source, ask->note);
    if (!statement) return LIA_EFULL;
    if (ask->has_stated_at) LIA_SET(statement, stated_at, ask->stated_at);
    lia_err err = lia_load(turn, LIA_CONSENT, lia_id_in(ask->consent), &said);
    if (err) return err;

    lia_refusal no = lia_consent_lift(said, statement, turn->now);
    if (no) return lia_refuse(turn, no);
    KEEP_AND_TELL(turn, lia_id_in(said->customer), said, statement, Crm__ConsentLifted,
                  CRM__CONSENT_LIFTED__INIT);
}
