/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/consent.h"

#include <stdio.h>

#include "common/node/fields.h"

#define PERMITTED CRM__CONSENT_FORM__CONSENT_FORM_PERMITTED
#define WITHDRAWN CRM__CONSENT_FORM__CONSENT_FORM_WITHDRAWN
#define OBJECTED  CRM__CONSENT_FORM__CONSENT_FORM_OBJECTED

const lia_refusal_text LIA_CONSENT_HAS_NO_PURPOSE[1] = {
    {"consent-has-no-purpose", "Say what for: only an objection can be to anything at all."}};
const lia_refusal_text LIA_CONSENT_HAS_NO_BASIS[1] = {
    {"consent-has-no-basis", "Say on which lawful basis the use is permitted."}};
const lia_refusal_text LIA_CONSENT_HAS_NO_SOURCE[1] = {
    {"consent-has-no-source", "Say where the customer said so: a form, a call, a letter."}};
const lia_refusal_text LIA_CONSENT_IS_AHEAD[1] = {
    {"consent-is-ahead", "The customer cannot have said so in the future."}};
const lia_refusal_text LIA_CONSENT_ENDS_EARLY[1] = {
    {"consent-ends-early", "The permission would end before it was given."}};
const lia_refusal_text LIA_CONSENT_IS_OVERTAKEN[1] = {
    {"consent-is-overtaken", "The customer objected, or withdrew, after that permission."}};
const lia_refusal_text LIA_CONSENT_IS_OBJECTED[1] = {
    {"consent-is-objected", "The customer objects to more than this use, or did so elsewhere; if "
                            "they take that back, lift the objection first."}};
const lia_refusal_text LIA_CONSENT_IS_ABSENT[1] = {
    {"consent-is-absent", "There is nothing that could be taken back."}};

lia_id lia_consent_id(lia_id customer, lia_use use)
{
    uint8_t seed[LIA_ID_SIZE + 8];
    memcpy(seed, customer.bytes, LIA_ID_SIZE);
    lia_put_u32(seed + LIA_ID_SIZE, (uint32_t)use.purpose);
    lia_put_u32(seed + LIA_ID_SIZE + 4, (uint32_t)use.channel);
    return lia_id_derive("liaison consent", LIA_SPAN_OF(seed));
}

bool lia_use_covers(lia_use said, lia_use use)
{
    return (said.purpose == LIA_PURPOSE(ANY) || said.purpose == use.purpose) &&
           (said.channel == CRM__CHANNEL__CHANNEL_UNKNOWN || said.channel == use.channel);
}

/* ---- changing a record ----------------------------------------------------------------------- */

static lia_refusal complete(Crm__ConsentStatement *statement, Crm__ConsentForm form, lia_time now)
{
    if (lia_text_is_empty(statement->source)) return LIA_CONSENT_HAS_NO_SOURCE;
    if (!statement->has_stated_at) LIA_SET(statement, stated_at, now.ms);
    if (statement->stated_at > now.ms + LIA_CONSENT_AHEAD_MS) return LIA_CONSENT_IS_AHEAD;
    LIA_SET(statement, form, form);
    return LIA_ALLOWED;
}

static bool is_overtaken(const Crm__Consent *consent, const Crm__ConsentStatement *statement)
{
    for (size_t i = 0; i < consent->n_objections; i++)
        if (consent->objections[i]->stated_at > statement->stated_at) return true;
    return false;
}

lia_refusal lia_consent_permit(Crm__Consent *consent, Crm__ConsentStatement *statement,
                               lia_time now)
{
    if (consent->purpose == LIA_PURPOSE(ANY)) return LIA_CONSENT_HAS_NO_PURPOSE;
    if (statement->basis == CRM__LAWFUL_BASIS__LAWFUL_BASIS_UNKNOWN)
        return LIA_CONSENT_HAS_NO_BASIS;
    lia_refusal no = complete(statement, PERMITTED, now);
    if (no) return no;
    if (statement->has_until && statement->until <= statement->stated_at)
        return LIA_CONSENT_ENDS_EARLY;
    if (is_overtaken(consent, statement)) return LIA_CONSENT_IS_OVERTAKEN;
    consent->permission = statement;
    consent->n_objections = 0;
    return LIA_ALLOWED;
}

static void add(Crm__Consent *consent, Crm__ConsentStatement *statement,
                Crm__ConsentStatement **room)
{
    size_t kept = 0;
    for (size_t i = 0; i < consent->n_objections; i++)
        if (consent->objections[i]->form != statement->form) room[kept++] = consent->objections[i];
    room[kept++] = statement;
    consent->objections = room;
    consent->n_objections = kept;
}

lia_refusal lia_consent_object(Crm__Consent *consent, Crm__ConsentStatement *statement,
                               lia_time now, Crm__ConsentStatement **room)
{
    lia_refusal no = complete(statement, OBJECTED, now);
    if (no) return no;
    add(consent, statement, room);
    return LIA_ALLOWED;
}

lia_refusal lia_consent_withdraw(Crm__Consent *consent, Crm__ConsentStatement *statement,
                                 lia_time now, Crm__ConsentStatement **room)
{
    if (consent->purpose == LIA_PURPOSE(ANY)) return LIA_CONSENT_HAS_NO_PURPOSE;
    lia_refusal no = complete(statement, WITHDRAWN, now);
    if (no) return no;
    if (!consent->permission) return LIA_CONSENT_IS_ABSENT;
    add(consent, statement, room);
    return LIA_ALLOWED;
}

lia_refusal lia_consent_lift(Crm__Consent *consent, Crm__ConsentStatement *statement, lia_time now)
{
    lia_refusal no = complete(statement, PERMITTED, now);
    if (no) return no;
    if (is_overtaken(consent, statement)) return LIA_CONSENT_IS_OVERTAKEN;
    if (!consent->n_objections) return LIA_CONSENT_IS_ABSENT;
    consent->permission = NULL;
    consent->n_objections = 0;
    return LIA_ALLOWED;
}

/* ---- asking ---------------------------------------------------------------------------------- */

const char *lia_consent_ground_name(lia_consent_ground ground)
{
    static const char *const names[] = {
        [LIA_CONSENT_NEEDED] = "needed",       [LIA_CONSENT_NOT_NEEDED] = "not_needed",
        [LIA_CONSENT_PERMITTED] = "permitted", [LIA_CONSENT_EXPIRED] = "expired",
        [LIA_CONSENT_WITHDRAWN] = "withdrawn", [LIA_CONSENT_OBJECTED] = "objected",
    };
    return names[ground];
}

/* Takes the statement if it weighs more than what the answer rests on, or as much and is later;
 * of two at one time the higher id, so that all nodes name the same one. */
static void weigh(lia_consent_answer *answer, lia_consent_ground ground,
                  const lia_consent_entry *entry, const Crm__ConsentStatement *statement)
{
    if (answer->statement && ground < answer->ground) return;
    if (answer->statement && ground == answer->ground) {
        if (statement->stated_at < answer->statement->stated_at) return;
        if (statement->stated_at == answer->statement->stated_at &&
            strcmp(statement->id ? statement->id : "",
                   answer->statement->id ? answer->statement->id : "") <= 0)
            return;
    }
    answer->ground = ground;
    answer->entry = entry;
    answer->statement = statement;
}

/* An expired permission counts for less than one that holds, although its number is higher. */
static void weigh_permission(lia_consent_answer *answer, const lia_consent_entry *entry,
                             lia_time now)
{
    const Crm__ConsentStatement *permission = entry->consent->permission;
    bool holds = !permission->has_until || permission->until > now.ms;
    if (holds && answer->ground == LIA_CONSENT_EXPIRED) *answer = (lia_consent_answer){0};
    if (holds || answer->ground != LIA_CONSENT_PERMITTED)
        weigh(answer, holds ? LIA_CONSENT_PERMITTED : LIA_CONSENT_EXPIRED, entry, permission);
}

lia_consent_answer lia_consent_decide(const lia_consent_entry *entries, size_t count, lia_use use,
                                      lia_time now)
{
    lia_consent_answer answer = {0};
    for (size_t i = 0; i < count; i++) {
        const Crm__Consent *said = entries[i].consent;
        if (!lia_use_covers(lia_consent_use(said), use)) continue;
        for (size_t j = 0; j < said->n_objections; j++) {
            bool objected = said->objections[j]->form != WITHDRAWN;
            weigh(&answer, objected ? LIA_CONSENT_OBJECTED : LIA_CONSENT_WITHDRAWN, &entries[i],
                  said->objections[j]);
        }
        if (said->permission) weigh_permission(&answer, &entries[i], now);
    }
    /* What a contract or their own question needs is not asked for, unless they object. */
    bool lacks = answer.ground == LIA_CONSENT_NEEDED || answer.ground == LIA_CONSENT_EXPIRED;
    if (lacks && use.purpose == LIA_PURPOSE(SERVICE))
        answer = (lia_consent_answer){.ground = LIA_CONSENT_NOT_NEEDED};
    answer.allowed =
        answer.ground == LIA_CONSENT_PERMITTED || answer.ground == LIA_CONSENT_NOT_NEEDED;
    return answer;
}

bool lia_consent_forbids_all(const lia_consent_entry *entries, size_t count)
{
    static const lia_use all = {LIA_PURPOSE(ANY), CRM__CHANNEL__CHANNEL_UNKNOWN};
    return lia_consent_decide(entries, count, all, (lia_time){0}).ground == LIA_CONSENT_OBJECTED;
}

static const char *name_of(const char *field, int64_t number, const char *any)
{
    const lia_field *known =
        lia_field_by_name(lia_kind_find(LIA_CONSENT)->message, lia_span_text(field));
    const char *name = number ? lia_enum_name(known->enumeration, number) : any;
    return name ? name : "something newer";
}

void lia_consent_reason(const lia_consent_answer *answer, char text[LIA_CONSENT_REASON_SIZE])
{
    static const char *const said[] = {
        [LIA_CONSENT_PERMITTED] = "permitted",
        [LIA_CONSENT_EXPIRED] = "permitted, but no longer,",
        [LIA_CONSENT_WITHDRAWN] = "withdrew the permission for",
        [LIA_CONSENT_OBJECTED] = "objected to",
    };
    if (!answer->entry) {
        snprintf(text, LIA_CONSENT_REASON_SIZE, "%s",
                 answer->allowed ? "nobody has objected, and none is needed"
                                 : "nobody has permitted it");
        return;
    }
    const lia_use use = lia_consent_use(answer->entry->consent);
    const Crm__ConsentStatement *statement = answer->statement;
    char when[LIA_TIME_TEXT_SIZE];
    lia_time_print((lia_time){statement->stated_at}, when);
    const char *department = lia_department_name((lia_department)statement->department);
    snprintf(text, LIA_CONSENT_REASON_SIZE, "%s %s on %s on %.10s (recorded by %s)",
             said[answer->ground], name_of("purpose", use.purpose, "any use"),
             use.channel ? name_of("channel", use.channel, "") : "any channel", when,
             department ? department : "a newer department");
}
