/* SPDX-License-Identifier: Apache-2.0 */
/* Customers are erased, and old disks come back that have never heard of it. Nothing unerased is
 * sent that one of the two ends knew of when they greeted, and in the end nobody has anything left.
 */
#include "tests/sim/sim.h"

#include "common/wire/event.h"
#include "common/wire/pb.h"

#define CUSTOMERS         12
#define ERASURE_REQUESTED 20 /* the fact */
#define GREETINGS         512
#define OVERWRITE_MS      5000

/* What somebody knew when it sent a greeting with this sum. */
typedef struct greeting {
    uint8_t sum[16];
    uint64_t known; /* a bit for each customer */
} greeting;

static struct {
    bool on;
    lia_id customers[CUSTOMERS];
    greeting greetings[GREETINGS];
    size_t greeting_count;
    uint64_t greeted[SIM_NODES_MAX][SIM_NODES_MAX]; /* [server][client], of the present session */
} erasing;

static uint64_t known_of(const lia_ledger *ledger)
{
    uint64_t known = 0;
    for (unsigned i = 0; i < CUSTOMERS; i++)
        known |= (uint64_t)lia_ledger_has(ledger, erasing.customers[i]) << i;
    return known;
}

static bool is_in(uint64_t known, lia_id customer)
{
    for (unsigned i = 0; i < CUSTOMERS; i++)
        if (lia_id_equal(customer, erasing.customers[i])) return known >> i & 1;
    return false;
}

lia_id sim_erasure_customer(sim *world, const sim_node *node)
{
    if (!erasing.on || sim_roll(world, 2)) return LIA_ID_NONE;
    lia_id customer = erasing.customers[sim_roll(world, CUSTOMERS)];
    return lia_ledger_has(&node->disk.erased, customer) ? LIA_ID_NONE : customer;
}

/* ---- the disk ------------------------------------------------------------------------------ */

static bool is_whole(lia_span bytes, uint64_t known)
{
    lia_header header;
    lia_pb_field body;
    return lia_event_parse_header(&header, bytes) == LIA_OK && is_in(known, header.customer) &&
           lia_pb_find(bytes, 2, &body);
}

static void erase_block(const sim_block *block, const lia_ledger *erased)
{
    static lia_arena arena;
    if (!arena.base) require(lia_arena_init(&arena, 1 << 20));
    for (uint32_t i = 0; i < block->count; i++) {
        lia_header header;
        lia_arena_reset(&arena);
        if (lia_event_parse_header(&header, block->events[i]) ||
            !lia_ledger_has(erased, header.customer))
            continue;
        lia_buf out = lia_buf_make(&arena);
        lia_err err = lia_event_erase(&out, block->events[i]);
        if (err && block->sound) continue; /* damaged */
        require(err);
        lia_assert(out.size == block->events[i].size);
        memcpy((uint8_t *)(uintptr_t)block->events[i].data, out.data, out.size);
    }
}

void sim_erasure_clean(const sim_block *block, const lia_ledger *erased)
{
    erase_block(block, erased);
    if (block->sound) erase_block(block->sound, erased);
}

/* The bodies go some time later, as on a real disk. */
static void overwrite(sim *world, void *what, uint64_t life)
{
    sim_node *node = what;
    (void)world;
    if (!node->alive || node->life != life) return;
    for (size_t i = 0; i < node->disk.lane_count; i++)
        for (size_t k = 0; k < node->disk.lanes[i].count; k++)
            sim_erasure_clean(&node->disk.lanes[i].blocks[k], &node->disk.erased);
}

static void overwrite_later(sim_node *node)
{
    sim_clock_plan(node->world, (int64_t)sim_roll(node->world, OVERWRITE_MS), overwrite, node,
                   node->life);
}

static void erase(sim_node *node, lia_id customer)
{
    lia_err err = lia_ledger_add(&node->disk.erased, customer);
    if (err == LIA_EEXIST) return;
    require(err);
    require(lia_sync_erased(node->sync, customer));
    overwrite_later(node);
}

void sim_erasure_learnt(sim_node *node, const lia_id *customers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lia_err err = lia_ledger_add(&node->learnt, customers[i]);
        if (err != LIA_EEXIST) require(err);
    }
}

void sim_erasure_commit(sim_node *node)
{
    for (uint64_t i = 0; i < node->learnt.sum.count; i++) erase(node, node->learnt.ids[i]);
    lia_ledger_fini(&node->learnt);
}

static void take_block(sim *world, sim_node *node, lia_origin origin, const sim_block *block)
{
    (void)world, (void)origin;
    for (uint32_t i = 0; i < block->count; i++) {
        lia_event event;
        lia_pb_field customer;
        static lia_arena arena;
        if (!arena.base) require(lia_arena_init(&arena, 1 << 20));
        lia_arena_reset(&arena);
        if (lia_event_parse(&event, block->events[i], &arena, NULL) == LIA_OK &&
            event.header.fact == ERASURE_REQUESTED && lia_pb_find(event.fact, 2, &customer) &&
            customer.bytes.size == LIA_ID_SIZE)
            erase(node, lia_id_from(customer.bytes));
    }
    erase_block(block, &node->disk.erased);
}

static void tell(sim *world, sim_node *node)
{
    (void)world;
    for (uint64_t i = 0; i < node->disk.erased.sum.count; i++)
        require(lia_sync_erased(node->sync, node->disk.erased.ids[i]));
    if (node->disk.erased.sum.count) overwrite_later(node);
}

static void forget(sim *world, sim_node *node)
{
    (void)world;
    lia_ledger_fini(&node->learnt);
}

/* ---- what goes over the wire --------------------------------------------------------------- */

/* The frame's greeting, if it is one. */
static bool read_sum(lia_span frame, uint8_t out[16])
{
    lia_pb_field hello, sum;
    if (!lia_pb_find(frame, 10, &hello) || !lia_pb_find(hello.bytes, 25, &sum) ||
        sum.bytes.size != 16)
        return false;
    memcpy(out, sum.bytes.data, 16);
    return true;
}

static void note_greeting(const sim_node *from, lia_span frame)
{
    greeting *made = &erasing.greetings[erasing.greeting_count % GREETINGS];
    if (!read_sum(frame, made->sum)) return;
    made->known = known_of(&from->disk.erased);
    erasing.greeting_count++;
}

#define FRAME_BATCH  13
#define FRAME_MENDED 20

static void check_block(sim *world, const sim_node *from, const sim_node *to, lia_span frame)
{
    lia_pb_field batch, field;
    uint64_t known = known_of(&from->disk.erased) | erasing.greeted[from->index][to->index];
    if (!lia_pb_find(frame, FRAME_BATCH, &batch) && !lia_pb_find(frame, FRAME_MENDED, &batch))
        return;
    lia_pb_reader reader = lia_pb_read(batch.bytes);
    while (lia_pb_next(&reader, &field))
        if (field.number == 7 && is_whole(field.bytes, known))
            sim_fail(world, "node %u sends node %u what one of them has erased", from->number,
                     to->number);
}

void sim_erasure_sent(sim *world, const sim_node *from, uint16_t to, lia_span frame)
{
    if (!erasing.on || from->is_villain) return;
    note_greeting(from, frame);
    if (!sim_find(world, to)->is_villain) check_block(world, from, sim_find(world, to), frame);
}

void sim_erasure_heard(const sim_node *node, uint16_t from, lia_span frame)
{
    uint8_t sum[16];
    if (!erasing.on || !read_sum(frame, sum)) return;
    for (size_t i = 0; i < GREETINGS; i++)
        if (!memcmp(erasing.greetings[i].sum, sum, sizeof sum))
            erasing.greeted[node->index][from - 1] = erasing.greetings[i].known;
}

/* ---- operations ---------------------------------------------------------------------------- */

static void write_request(sim_node *node, const lia_header *header, uint64_t number,
                          lia_arena *arena, sim_content *out)
{
    (void)node, (void)header;
    lia_buf fact = lia_buf_make(arena);
    lia_pb_put_bytes(&fact, 2, lia_id_span(&erasing.customers[number]));
    out->fact = ERASURE_REQUESTED;
    out->said = lia_buf_get(&fact);
}

static void request(sim *world)
{
    sim_node *node = sim_any_node(world);
    if (!node->alive) return;
    sim_say(world, "%u erases", node->number);
    sim_node_tell(world, node, write_request, sim_roll(world, CUSTOMERS));
}

/* ---- a run --------------------------------------------------------------------------------- */

static void begin(sim *world)
{
    (void)world;
    erasing.on = true;
    for (uint64_t i = 0; i < CUSTOMERS; i++) {
        uint8_t seed[8];
        lia_put_u64(seed, i);
        erasing.customers[i] = lia_id_derive("sim customer", LIA_SPAN_OF(seed));
    }
}

static bool has_whole(const sim_node *node, uint64_t known)
{
    for (size_t i = 0; i < node->disk.lane_count; i++)
        for (size_t k = 0; k < node->disk.lanes[i].count; k++) {
            const sim_block *block = &node->disk.lanes[i].blocks[k];
            for (uint32_t e = 0; e < block->count; e++)
                if (is_whole(block->events[e], known)) return true;
        }
    return false;
}

/* All live honest nodes know the same customers to be erased, and have no body of theirs. */
static bool agreed(sim *world)
{
    uint64_t known = 0;
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < world->node_count; i++) {
            const sim_node *node = &world->nodes[i];
            if (!node->alive || node->is_villain) continue;
            if (round && known_of(&node->disk.erased) != known) return false;
            known |= known_of(&node->disk.erased);
        }
    return true;
}

static void check(sim *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        const sim_node *node = &world->nodes[i];
        if (node->alive && !node->is_villain && has_whole(node, known_of(&node->disk.erased)))
            sim_fail(world, "node %u still has what it has erased", node->number);
    }
}

static void end(sim *world)
{
    (void)world;
    memset(&erasing, 0, sizeof erasing);
}

static const sim_operation operations[] = {{"erase", 3, request}};
const sim_part sim_erasure = {.name = "erasure",
                              .operations = operations,
                              .operation_count = LIA_COUNT(operations),
                              .begin = begin,
                              .started = tell,
                              .crashed = forget,
                              .applied = take_block,
                              .agreed = agreed,
                              .check = check,
                              .end = end};
