/* SPDX-License-Identifier: Apache-2.0 */
/* Whether something stands against a link is looked up in what this node knows at the moment.
 * Others may say otherwise at the same time; clusters are made so that it does not matter. */
#include "common/crm/sameness.h"

#include "common/crm/lookup.h"
#include "common/identity/identity.h"
#include "common/identity/settings.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

const lia_refusal_text LIA_CUSTOMER_IS_ITSELF[1] = {
    {"customer-is-itself", "Both ids are the same record; `other` is the id of another one."}};
const lia_refusal_text LIA_CUSTOMERS_HELD_APART[1] = {
    {"customers-held-apart",
     "Somebody said that records of these two customers are not the same."}};
const lia_refusal_text LIA_CUSTOMER_TOO_LARGE[1] = {
    {"customer-too-large", "Together the two would be a customer of more than 256 records."}};
const lia_refusal_text LIA_CUSTOMERS_NOT_LINKED[1] = {
    {"customers-not-linked", "The two records are not one customer, so there is nothing to undo."}};

#define SAME     CRM__SAMENESS_VERDICT__SAMENESS_VERDICT_SAME
#define NOT_SAME CRM__SAMENESS_VERDICT__SAMENESS_VERDICT_NOT_SAME
#define NONE     CRM__SAMENESS_VERDICT__SAMENESS_VERDICT_NONE

lia_id lia_sameness_id(lia_id a, lia_id b)
{
    bool straight = memcmp(&a, &b, sizeof a) < 0;
    uint8_t pair[2 * LIA_ID_SIZE];
    memcpy(pair, straight ? a.bytes : b.bytes, LIA_ID_SIZE);
    memcpy(pair + LIA_ID_SIZE, straight ? b.bytes : a.bytes, LIA_ID_SIZE);
    return lia_id_derive("liaison.sameness", LIA_SPAN_OF(pair));
}

/* The two that a request names. */
typedef struct pair {
    lia_id customer, other;
    lia_word word; /* what was said of them so far */
} pair;

static lia_err load_pair(lia_turn *turn, ProtobufCBinaryData customer, ProtobufCBinaryData other,
                         pair *out)
{
    *out = (pair){.customer = lia_id_in(customer), .other = lia_id_in(other)};
    if (lia_id_equal(out->customer, out->other)) return lia_refuse(turn, LIA_CUSTOMER_IS_ITSELF);
    lia_err err = lia_customer_must_exist(turn, other);
    if (err == LIA_EGONE) return lia_turn_fail(turn, err, "other: this customer was erased");
    return err ? err
               : lia_identity_word(lia_turn_rows(turn), out->customer, out->other, &out->word);
}

/* Records the word; false in *news when it was said already. */
static lia_err say(lia_turn *turn, const pair *two, Crm__SamenessVerdict verdict, bool *news)
{
    Crm__Sameness said = CRM__SAMENESS__INIT;
    bool straight = memcmp(&two->customer, &two->other, sizeof two->other) < 0;
    *news = (int)two->word != (int)verdict;
    if (!*news) return LIA_OK;
    LIA_SET_ID(&said, a, straight ? &two->customer : &two->other);
    LIA_SET_ID(&said, b, straight ? &two->other : &two->customer);
    LIA_SET(&said, verdict, verdict);
    LIA_SET(&said, said_at, turn->now.ms);
    LIA_SET(&said, department, (Liaison__Department)turn->department);
    LIA_SET(&said, actor, turn->actor);
    return lia_record(turn, LIA_SAMENESS, lia_sameness_id(two->customer, two->other), &said);
}

/* ---- link ------------------------------------------------------------------------------------ */

typedef struct members {
    lia_id ids[LIA_MEMBERS_SHOWN_MAX];
    size_t count;
} members;

static lia_err load_members(lia_turn *turn, lia_id id, members *out)
{
    return lia_identity_members(lia_turn_rows(turn), id, out->ids, LIA_COUNT(out->ids),
                                &out->count);
}

/* A word against the link, of other records than the two: their own it replaces. */
static lia_err find_objection(lia_turn *turn, const pair *two, const members *a, const members *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            lia_word word;
            char left[LIA_ID_TEXT_SIZE], right[LIA_ID_TEXT_SIZE];
            if (lia_id_equal(a->ids[i], two->customer) && lia_id_equal(b->ids[j], two->other))
                continue;
            lia_err err = lia_identity_word(lia_turn_rows(turn), a->ids[i], b->ids[j], &word);
            if (err) return err;
            if (word != LIA_WORD_NOT_SAME) continue;
            lia_id_print(a->ids[i], left);
            lia_id_print(b->ids[j], right);
            err = lia_turn_fail(turn, LIA_EREFUSED,
                                "somebody said that %s and %s, which these customers are made of, "
                                "are not the same; link those two first, or leave it",
                                left, right);
            return err ? lia_refuse(turn, LIA_CUSTOMERS_HELD_APART) : err;
        }
    return LIA_OK;
}

static lia_err may_link(lia_turn *turn, const pair *two)
{
    lia_id a, b;
    members *both = lia_arena_take(turn->arena, 2 * sizeof *both);
    if (!both) return LIA_EFULL;
    lia_err err = lia_identity_customer(lia_turn_rows(turn), two->customer, &a);
    if (!err) err = lia_identity_customer(lia_turn_rows(turn), two->other, &b);
    if (err || lia_id_equal(a, b)) return err;
    err = load_members(turn, two->customer, &both[0]);
    if (!err) err = load_members(turn, two->other, &both[1]);
    if (err) return err;
    if (both[0].count + both[1].count > LIA_MEMBERS_SHOWN_MAX)
        return lia_refuse(turn, LIA_CUSTOMER_TOO_LARGE);
    return find_objection(turn, two, &both[0], &both[1]);
}

lia_err lia_customer_link(lia_turn *turn, const void *request)
{
    const Crm__LinkCustomer *ask = request;
    bool news;
    pair two;
    lia_err err = load_pair(turn, ask->customer, ask->other, &two);
    if (!err) err = may_link(turn, &two);
    if (!err) err = say(turn, &two, SAME, &news);
    if (err || !news) return err;

    Crm__CustomerLinked fact = CRM__CUSTOMER_LINKED__INIT;
    LIA_SET_ID(&fact, customer, &two.customer);
    LIA_SET_ID(&fact, other, &two.other);
    return lia_tell(turn, &fact);
}

/* ---- apart ----------------------------------------------------------------------------------- */

/* What undoes a link for good. */
static lia_err undo(lia_turn *turn, const pair *two, Crm__SamenessVerdict *verdict)
{
    const lia_rows *rows = lia_turn_rows(turn);
    lia_id a, b, few[3];
    size_t count;
    lia_tie tie = {.verdict = LIA_MATCH_NOTHING};
    lia_err err = lia_identity_customer(rows, two->customer, &a);
    if (!err) err = lia_identity_customer(rows, two->other, &b);
    if (!err) err = lia_identity_members(rows, two->customer, few, LIA_COUNT(few), &count);
    if (!err) err = lia_identity_tie(rows, two->customer, two->other, &tie);
    if (err && err != LIA_EABSENT) return err;
    bool linked = lia_id_equal(a, b) || two->word == LIA_WORD_SAME;
    bool only_by_people = two->word == LIA_WORD_SAME && tie.verdict != LIA_MATCH_LINK && count < 3;
    *verdict = only_by_people ? NONE : NOT_SAME;
    return linked ? LIA_OK : lia_refuse(turn, LIA_CUSTOMERS_NOT_LINKED);
}

lia_err lia_customer_unlink(lia_turn *turn, const void *request)
{
    const Crm__UnlinkCustomer *ask = request;
    Crm__SamenessVerdict verdict;
    bool news;
    pair two;
    lia_err err = load_pair(turn, ask->customer, ask->other, &two);
    if (!err) err = undo(turn, &two, &verdict);
    if (!err) err = say(turn, &two, verdict, &news);
    if (err || !news) return err;

    Crm__CustomerUnlinked fact = CRM__CUSTOMER_UNLINKED__INIT;
    LIA_SET_ID(&fact, customer, &two.customer);
    LIA_SET_ID(&fact, other, &two.other);
    return lia_tell(turn, &fact);
}

lia_err lia_customer_tell_apart(lia_turn *turn, const void *request)
{
    const Crm__TellCustomerApart *ask = request;
    bool news;
    pair two;
    lia_err err = load_pair(turn, ask->customer, ask->other, &two);
    if (!err) err = say(turn, &two, NOT_SAME, &news);
    if (err || !news) return err;

    Crm__CustomerNotSame fact = CRM__CUSTOMER_NOT_SAME__INIT;
    LIA_SET_ID(&fact, customer, &two.customer);
    LIA_SET_ID(&fact, other, &two.other);
    return lia_tell(turn, &fact);
}

/* ---- the model ------------------------------------------------------------------------------- */

lia_err lia_match_model_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    (void)id, (void)before;
    lia_settings settings;
    lia_why why = {{0}};
    lia_err err = lia_settings_of(&settings, after, &why);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}
