/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/agent.h"

#include "common/node/batch.h"

lia_err lia_turn_as(lia_turn *turn, const lia_agent *agent)
{
    lia_turn_work *work = turn->work;
    lia_command_note note;
    lia_err err = lia_rows_command(lia_turn_rows(turn), agent->key, &note);
    if (err != LIA_EABSENT) return err ? err : LIA_EEXIST;
    work->command = agent->key;
    work->cause = agent->cause;
    work->depth = agent->depth;
    if (!lia_trace_is_sampled(&work->trace)) { /* a timer that was set before the last start */
        work->trace = lia_trace_of_event(lia_turn_rows(turn), agent->cause);
        lia_trace_use(&work->trace);
    }
    turn->actor = agent->actor;
    return LIA_OK;
}

lia_err lia_turn_command(lia_turn *turn, const lia_command *command, lia_id *made)
{
    lia_command own = *command;
    own.number = lia_command_kind(command);
    turn->work->answer = LIA_ID_NONE;
    lia_err err = lia_general_handle(turn, &own);
    if (made) *made = turn->work->answer;
    return err;
}

const lia_command_row *lia_turn_verb(lia_turn *turn, uint16_t kind, lia_span verb, bool bare)
{
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++) {
        const lia_service *service = turn->work->applier->services[s];
        for (size_t i = 0; service && i < service->command_count; i++) {
            const lia_command_row *row = &service->commands[i];
            if (row->kind == kind && row->bare == bare && lia_span_is(verb, row->verb)) return row;
        }
    }
    return NULL;
}

/* ---- channels -------------------------------------------------------------------------------- */

static const lia_channel_row *find_channel(lia_turn *turn, const char *name)
{
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++) {
        const lia_service *service = turn->work->applier->services[s];
        for (size_t i = 0; service && i < service->channel_count; i++)
            if (strcmp(service->channels[i].name, name) == 0) return &service->channels[i];
    }
    return NULL;
}

bool lia_turn_has_channel(lia_turn *turn, const char *channel)
{
    return find_channel(turn, channel) != NULL;
}

lia_err lia_turn_hand_to(lia_turn *turn, const char *channel, const lia_parcel *parcel)
{
    const lia_channel_row *row = find_channel(turn, channel);
    if (!row)
        return lia_turn_fail(turn, LIA_EABSENT,
                             "%s: this node has no such channel, nothing was sent", channel);
    lia_err err = row->take(turn, parcel);
    return err ? err : lia_turn_finish(turn, 0);
}

bool lia_turn_sends_mail(lia_turn *turn)
{
    return turn->work->applier->sends_mail;
}

/* ---- what is staged -------------------------------------------------------------------------- */

lia_err lia_turn_end_event(lia_turn *turn)
{
    return lia_turn_finish(turn, LIA_RECORD_CHANGED);
}

lia_err lia_turn_fits(lia_turn *turn)
{
    return lia_own_fits(turn);
}

void lia_turn_drop(lia_turn *turn)
{
    lia_turn_work *work = turn->work;
    work->first = work->last = NULL;
    work->told = 0;
    work->open = (lia_staged_event){0};
    work->op_capacity = 0;
    work->jobs = work->jobs_last = NULL;
    work->refusal = LIA_ALLOWED;
    work->why.text[0] = '\0';
}

const char *lia_turn_why(lia_turn *turn)
{
    return turn->work->refusal ? turn->work->refusal->text : turn->work->why.text;
}

/* ---- where the turn is ----------------------------------------------------------------------- */

void *lia_turn_background(lia_turn *turn, const lia_background_row *row)
{
    const lia_backgrounds *all = &turn->work->applier->backgrounds;
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].row == row) return all->list[i].state;
    return NULL;
}

lia_time lia_turn_born(lia_turn *turn)
{
    return turn->work->applier->born;
}

uint64_t lia_turn_take_over_ms(lia_turn *turn)
{
    return turn->work->applier->take_over_ms;
}

uint16_t lia_turn_member(lia_turn *turn)
{
    return turn->work->applier->member;
}

static uint64_t weight_of(uint16_t member, lia_id matter)
{
    uint8_t number[2], digest[LIA_DIGEST_SIZE];
    lia_put_u16(number, member);
    lia_span parts[] = {LIA_SPAN_OF(number), lia_id_span(&matter)};
    lia_digest_of("liaison.member_for", parts, LIA_COUNT(parts), digest);
    return lia_get_u64(digest);
}

/* Whether `a` comes before `b`: equal weights do not happen, but must not make two first. */
static bool comes_before(uint64_t weight, uint16_t number, uint64_t other, uint16_t other_number)
{
    return weight != other ? weight > other : number < other_number;
}

uint16_t lia_turn_member_for(lia_turn *turn, lia_id matter, size_t rank)
{
    const lia_applier *applier = turn->work->applier;
    const lia_members *list =
        applier->members ? __atomic_load_n(applier->members, __ATOMIC_ACQUIRE) : NULL;
    if (!list) return rank ? 0 : applier->member;
    for (size_t i = 0; i < list->count; i++) {
        const lia_member *member = &list->list[i];
        if (member->department != (uint8_t)turn->department) continue;
        uint64_t weight = weight_of(member->number, matter);
        size_t before = 0;
        for (size_t j = 0; j < list->count; j++) {
            const lia_member *other = &list->list[j];
            before += other->department == (uint8_t)turn->department &&
                      comes_before(weight_of(other->number, matter), other->number, weight,
                                   member->number);
        }
        if (before == rank) return member->number;
    }
    return 0;
}
