/* SPDX-License-Identifier: Apache-2.0 */
/* erasure_rig - departments that forget a customer, for tests: what is recorded about them carries
 * a word that is looked for in all files of a node. */
#ifndef LIA_CRM_ERASURE_RIG_H
#define LIA_CRM_ERASURE_RIG_H

#include "common/crm/crm_rig.h"
#include "common/store/test_canary.h"

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
    {.name = "service", .department = LIA_SERVICE},
    {.name = "analytics", .department = LIA_ANALYTICS},
};

/* Its halves are looked for too: a page's edge may cut it. */
#define CANARY_LEFT  "tweet-tw"
#define CANARY_RIGHT "eet-2026"
#define CANARY_TEXT  CANARY_LEFT CANARY_RIGHT

static inline void start(rig *r, size_t number)
{
    crm_start(r, number, &departments[number], false);
}

static inline void make(rig *r, size_t count)
{
    *r = (rig){0};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n);
}

static inline lia_id make_customer(rig *r, size_t number)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei " CANARY_TEXT;
    customer.note = "likes " CANARY_TEXT;
    return rig_create(r, number, LIA_CUSTOMER, &customer);
}

static inline lia_id log_call(rig *r, size_t number, lia_id customer, const char *text)
{
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &customer);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    call.text = text;
    return rig_create(r, number, LIA_INTERACTION, &call);
}

static inline lia_id make_task(rig *r, size_t number, lia_id customer)
{
    Crm__Task task = CRM__TASK__INIT;
    task.title = "call " CANARY_TEXT;
    LIA_SET_ID(&task, customer, &customer);
    return rig_create(r, number, LIA_TASK, &task);
}

static inline lia_err erase(rig *r, size_t number, lia_id customer)
{
    lia_command command;
    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &customer);
    lia_err err = crm_try(r, number, LIA_CUSTOMER, "erase", customer, &ask, &command);
    if (!err) CHECK(lia_id_equal(command.record, lia_erasure_id(customer)));
    return err;
}

static inline size_t receipts(rig *r, size_t number, lia_id customer)
{
    const Crm__Erasure *erasure = crm_read(r, number, LIA_ERASURE, lia_erasure_id(customer));
    return erasure ? erasure->n_receipts : 0;
}

static inline bool knows(rig *r, size_t number, uint16_t kind, lia_id id)
{
    return crm_read(r, number, kind, id) != NULL;
}

static inline size_t canaries(const rig *r, size_t number)
{
    char dir[1100];
    snprintf(dir, sizeof dir, "%s/%s", r->dir, r->members.list[number - 1].name);
    return canary_count(dir, LIA_SPAN(CANARY_LEFT)) + canary_count(dir, LIA_SPAN(CANARY_RIGHT));
}

static inline lia_err read_state(rig *r, size_t number, uint16_t kind, lia_id id)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 4 << 20));
    lia_arena_reset(&arena);
    lia_rows rows;
    lia_record record;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    lia_err err = lia_rows_record(&rows, kind, id, &arena, &record);
    lia_node_read_end(r->nodes[number], &rows);
    return err;
}

/* What is on the disk before shows that the search finds what is there. */
static inline void write_out(rig *r, size_t number)
{
    rig_stop(r, number);
    CHECK(canaries(r, number) > 0);
    start(r, number);
}

#endif
