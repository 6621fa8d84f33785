/* SPDX-License-Identifier: Apache-2.0 */
/* identity_rig - test support: nodes with identity, what people do to customers there, and a store
 * of made customers. What nodes say is compared with what the pure functions make of their records
 * at one go. */
#ifndef LIA_CRM_IDENTITY_RIG_H
#define LIA_CRM_IDENTITY_RIG_H

#include "common/crm/crm_rig.h"
#include "common/crm/sameness.h"
#include "common/identity/dirty_rig.h"
#include "common/identity/oracle_rig.h"

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
    {.name = "service", .department = LIA_SERVICE},
};

static inline void start(rig *r, size_t number, bool rebuild)
{
    crm_start(r, number, &departments[number], rebuild);
}

static inline void make(rig *r, size_t count)
{
    *r = (rig){0};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n, false);
}

/* Nothing waits. */
static inline void rest(rig *r, size_t number)
{
    RIG_UNTIL(r, crm_identity(r, number).waiting == 0);
}

static inline oracle_sums check(rig *r, size_t number)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    oracle_sums sums = oracle_check(&rows);
    lia_node_read_end(r->nodes[number], &rows);
    CHECK_EQ(crm_identity(r, number).records, sums.records);
    return sums;
}

static inline bool knows(rig *r, size_t number, uint16_t kind, lia_id id)
{
    return crm_read(r, number, kind, id) != NULL;
}

static inline lia_id customer_of(rig *r, size_t number, lia_id id)
{
    lia_rows rows;
    lia_id customer;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_identity_customer(&rows, id, &customer));
    lia_node_read_end(r->nodes[number], &rows);
    return customer;
}

static inline bool are_one(rig *r, size_t number, lia_id a, lia_id b)
{
    return lia_id_equal(customer_of(r, number, a), customer_of(r, number, b));
}

/* ---- what people do -------------------------------------------------------------------------- */

static inline lia_id make_as(rig *r, size_t number, lia_id id, const Crm__Customer *customer)
{
    uint8_t bytes[4096];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = id,
                           .request = rig_pack(customer, bytes, sizeof bytes)};
    lia_err err = rig_do(r, number, &command);
    if (err) print_error("create: %s %s\n", lia_err_text(err), command.why.text);
    CHECK_OK(err);
    return command.record;
}

static inline lia_id make_person(rig *r, size_t number, const char *name, const char *email)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    Crm__Email one = CRM__EMAIL__INIT, *emails[] = {&one};
    customer.name = name;
    one.value = email;
    LIA_SET(&one, verified, true);
    customer.emails = emails;
    customer.n_emails = email != NULL;
    return make_as(r, number, LIA_ID_NONE, &customer);
}

static inline lia_err say(rig *r, size_t number, const char *verb, lia_id a, lia_id b,
                          lia_command *command)
{
    Crm__LinkCustomer ask = CRM__LINK_CUSTOMER__INIT; /* all three look alike */
    LIA_SET_ID(&ask, customer, &a);
    LIA_SET_ID(&ask, other, &b);
    return crm_try(r, number, LIA_CUSTOMER, verb, a, &ask, command);
}

static inline void must_say(rig *r, size_t number, const char *verb, lia_id a, lia_id b)
{
    lia_command command;
    lia_err err = say(r, number, verb, a, b, &command);
    if (err) print_error("%s: %s %s\n", verb, lia_err_text(err), command.why.text);
    CHECK_OK(err);
}

static inline void rename_to(rig *r, size_t number, lia_id id, const char *name)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = name;
    static const uint32_t mask[] = {2, 3, 4};
    crm_change(r, number, LIA_CUSTOMER, id, &customer, mask, 3);
}

static inline void erase(rig *r, size_t number, lia_id id)
{
    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &id);
    LIA_SET(&ask, alone, true);
    crm_do(r, number, LIA_CUSTOMER, "erase", id, &ask);
}

static inline lia_id make_with_phone(rig *r, const char *name, const char *phone)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    Crm__Phone one = CRM__PHONE__INIT, *phones[] = {&one};
    customer.name = name;
    one.value = phone;
    customer.phones = phones;
    customer.n_phones = 1;
    return make_as(r, 1, LIA_ID_NONE, &customer);
}

/* ---- many records ---------------------------------------------------------------------------- */

/* A store of made customers, and all that people do to them, in an order that a number chooses.
 * What is done to one record stays in order; who does it, and what comes in between, does not. */
#define TRUTHS  60
#define ACTIONS 6 /* to one record at most */

typedef struct story {
    dirty_base base;
    lia_arena arena;
    lia_id ids[4 * TRUTHS];
    size_t done[4 * TRUTHS]; /* actions */
} story;

static inline story *story_make(uint64_t seed)
{
    story *s = calloc(1, sizeof *s);
    CHECK_OK(lia_arena_init(&s->arena, (size_t)64 << 20));
    dirty_make(&s->base, seed, TRUTHS, &s->arena);
    for (size_t i = 0; i < s->base.record_count; i++) {
        uint8_t name[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        s->ids[i] = lia_id_derive("story", LIA_SPAN_OF(name));
    }
    return s;
}

static inline void story_free(story *s)
{
    lia_arena_fini(&s->arena);
    free(s);
}

#endif
