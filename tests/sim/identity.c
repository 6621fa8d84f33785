/* SPDX-License-Identifier: Apache-2.0 */
/* Who is whom: people and rules at every node link records, hold them apart and take it back, also
 * about the same pair at the same time. Each node folds what it hears as it hears it, and after a
 * start everything again, lane by lane. In the end all fold to the same rows, and to the same
 * customers. */
#include <stdlib.h>

#include "common/identity/cluster.h"
#include "common/wire/pb.h"
#include "common/wire/record.h"
#include "tests/sim/sim.h"

enum { RECORDS = 10, PAIRS = RECORDS * RECORDS };
enum { KIND = 9000, PERSON = 1, RULE = 2 }; /* a pair's record and its fields */
enum { SAYS_NOTHING = 1, SAYS_LINK, SAYS_APART };
/* Scores of rules, as a model would have them. */
enum { SCORE_APART = 5, SCORE_ASK = 10, SCORE_LINK = 20, SCORES = 30 };

typedef struct folded {
    struct {
        uint8_t *bytes;
        size_t size;
    } rows[PAIRS];
    lia_hash at_rest; /* the rows when the process ended */
} folded;

static folded folds[SIM_NODES_MAX];
static lia_arena memory; /* of one event, or one comparison */

/* ---- writing ------------------------------------------------------------------------------- */

static lia_id pair_id(unsigned pair)
{
    return (lia_id){{'p', (uint8_t)(pair / RECORDS), (uint8_t)(pair % RECORDS)}};
}

static lia_id customer_id(unsigned index)
{
    return (lia_id){{'c', (uint8_t)index}};
}

static lia_record row_of(const folded *fold, unsigned pair)
{
    lia_record record;
    lia_span row = lia_span_make(fold->rows[pair].bytes, fold->rows[pair].size);
    require(lia_record_decode(&record, row, &memory));
    return record;
}

/* `number` is ((pair * 10) + field) * 100 + value; the writer has seen what its node shows. */
static void author(sim_node *node, const lia_header *header, uint64_t number, lia_arena *arena,
                   sim_content *out)
{
    unsigned pair = (unsigned)(number / 1000);
    uint32_t field = number / 100 % 10;
    lia_arena_reset(&memory);
    lia_record record = row_of(&folds[node->index], pair);
    const lia_register *before = lia_record_find(&record, field, LIA_SPAN_NONE);
    lia_touch *touch = lia_arena_zero(arena, sizeof *touch);
    lia_op *op = lia_arena_zero(arena, sizeof *op);
    lia_assert(touch && op);
    touch->field = field;
    if (before) touch->seen = lia_register_top(before);
    if (touch->seen.hlc >= header->hlc) touch->hlc = touch->seen.hlc + 1;
    lia_buf set = lia_buf_make(arena);
    lia_pb_put_varint(&set, field, number % 100);
    *op = (lia_op){pair_id(pair), KIND, lia_buf_get(&set), touch, 1};
    *out = (sim_content){.ops = op, .op_count = 1};
}

static sim_node *any_honest(sim *world)
{
    sim_node *node = sim_any_node(world);
    return node->is_villain ? &world->nodes[0] : node;
}

static uint64_t any_pair(sim *world)
{
    uint64_t a = sim_roll(world, RECORDS), b = sim_roll(world, RECORDS - 1);
    if (b >= a) b++;
    return a < b ? a * RECORDS + b : b * RECORDS + a;
}

static void person_says(sim *world)
{
    uint64_t number = (any_pair(world) * 10 + PERSON) * 100;
    sim_node_tell(world, any_honest(world), author, number + 1 + sim_roll(world, SAYS_APART));
}

static void rule_says(sim *world)
{
    uint64_t number = (any_pair(world) * 10 + RULE) * 100;
    sim_node_tell(world, any_honest(world), author, number + sim_roll(world, SCORES));
}

/* Several nodes speak of one pair before they have heard of one another. */
static void all_say(sim *world)
{
    uint64_t number = (any_pair(world) * 10 + PERSON) * 100;
    for (unsigned i = 0; i < world->node_count; i++)
        if (!world->nodes[i].is_villain)
            sim_node_tell(world, &world->nodes[i], author,
                          number + 1 + sim_roll(world, SAYS_APART));
}

/* ---- folding ------------------------------------------------------------------------------- */

static void keep(folded *fold, unsigned pair, lia_span row)
{
    uint8_t *bytes = realloc(fold->rows[pair].bytes, row.size);
    lia_assert(bytes);
    memcpy(bytes, row.data, row.size);
    fold->rows[pair].bytes = bytes;
    fold->rows[pair].size = row.size;
}

static void fold_op(folded *fold, const lia_op *op, const lia_header *header)
{
    unsigned pair = op->record.bytes[1] * RECORDS + op->record.bytes[2];
    if (op->kind != KIND) return;
    lia_assert(pair < PAIRS);
    lia_record record = row_of(fold, pair);
    require(lia_record_join_op(&record, op, lia_header_stamp(header), &memory));
    lia_buf row = lia_buf_make(&memory);
    lia_record_encode(&record, &row);
    keep(fold, pair, lia_buf_get(&row));
}

static void fold_block(folded *fold, const sim_block *block)
{
    lia_event event;
    lia_why why;
    for (uint32_t i = 0; i < block->count; i++) {
        lia_arena_reset(&memory);
        require(lia_event_parse(&event, block->events[i], &memory, &why));
        for (size_t k = 0; k < event.op_count; k++) fold_op(fold, &event.ops[k], &event.header);
    }
}

static void forget(folded *fold)
{
    for (unsigned i = 0; i < PAIRS; i++) free(fold->rows[i].bytes);
    *fold = (folded){.at_rest = fold->at_rest};
}

static lia_hash rows_hash(const folded *fold)
{
    lia_span parts[2 * PAIRS];
    for (unsigned i = 0; i < PAIRS; i++) {
        parts[2 * i] = lia_span_make(&fold->rows[i].size, sizeof fold->rows[i].size);
        parts[2 * i + 1] = lia_span_make(fold->rows[i].bytes, fold->rows[i].size);
    }
    return lia_hash_of("liaison sim", parts, 2 * PAIRS);
}

static void applied(sim *world, sim_node *node, lia_origin origin, const sim_block *block)
{
    (void)world, (void)origin;
    fold_block(&folds[node->index], block);
}

static void crashed(sim *world, sim_node *node)
{
    (void)world;
    folds[node->index].at_rest = rows_hash(&folds[node->index]);
}

static void started(sim *world, sim_node *node)
{
    folded *fold = &folds[node->index];
    forget(fold);
    for (size_t i = 0; i < node->disk.lane_count; i++)
        for (size_t k = 0; k < node->disk.lanes[i].count; k++)
            fold_block(fold, sim_block_sound(&node->disk.lanes[i].blocks[k]));
    lia_hash now = rows_hash(fold);
    if (node->life > 1 && !node->disk.is_other && !lia_hash_equal(&now, &fold->at_rest))
        sim_fail(world, "node %u folds its log to another state than it had", node->number);
}

/* ---- what must hold ------------------------------------------------------------------------ */

static uint64_t shown(const lia_record *record, uint32_t field)
{
    const lia_register *reg = lia_record_find(record, field, LIA_SPAN_NONE);
    const lia_live *live = reg ? lia_register_winner(reg, NULL) : NULL;
    uint64_t value = 0;
    if (live) lia_varint_get(live->value, &value);
    return value;
}

static size_t add_edges(const folded *fold, unsigned pair, lia_edge *edges)
{
    lia_record record = row_of(fold, pair);
    size_t count = 0;
    uint64_t person = shown(&record, PERSON), score = shown(&record, RULE);
    lia_edge edge = {.a = customer_id(pair / RECORDS), .b = customer_id(pair % RECORDS)};
    if (person == SAYS_LINK || person == SAYS_APART) {
        edge.person = true;
        edge.kind = person == SAYS_LINK ? LIA_EDGE_LINK : LIA_EDGE_APART;
        edges[count++] = edge;
    }
    edge.person = false;
    edge.score = (int32_t)score;
    edge.kind = score >= SCORE_LINK  ? LIA_EDGE_LINK
                : score >= SCORE_ASK ? LIA_EDGE_MAYBE
                                     : LIA_EDGE_APART;
    if (score >= SCORE_ASK || (score && score <= SCORE_APART)) edges[count++] = edge;
    return count;
}

static void shuffle(sim *world, void *items, size_t count, size_t size)
{
    uint8_t *bytes = items, spare[sizeof(lia_edge) + sizeof(lia_cluster_member)];
    lia_assert(size <= sizeof spare);
    for (size_t left = count; left > 1; left--) {
        uint8_t *a = bytes + (left - 1) * size, *b = bytes + sim_roll(world, left) * size;
        memcpy(spare, a, size);
        memmove(a, b, size);
        memcpy(b, spare, size);
    }
}

/* The customers that a node would show, whatever order its table has. */
static void customers_of(sim *world, const folded *fold, lia_cluster_member members[RECORDS])
{
    lia_edge edges[2 * PAIRS];
    size_t count = 0;
    lia_arena_reset(&memory);
    for (unsigned i = 0; i < PAIRS; i++)
        if (fold->rows[i].size) count += add_edges(fold, i, edges + count);
    for (unsigned i = 0; i < RECORDS; i++)
        members[i] = (lia_cluster_member){.id = customer_id(i), .created = 1 + (i * 7) % RECORDS};
    shuffle(world, members, RECORDS, sizeof *members);
    shuffle(world, edges, count, sizeof *edges);
    require(lia_cluster_make(members, RECORDS, edges, count, &memory));
}

static void check(sim *world)
{
    lia_cluster_member first[RECORDS], other[RECORDS];
    const sim_node *with = NULL;
    for (unsigned i = 0; i < world->node_count; i++) {
        const sim_node *node = &world->nodes[i];
        if (!node->alive || node->is_villain) continue;
        customers_of(world, &folds[i], with ? other : first);
        if (!with) {
            with = node;
            continue;
        }
        lia_hash a = rows_hash(&folds[with->index]), b = rows_hash(&folds[i]);
        if (!lia_hash_equal(&a, &b))
            sim_fail(world, "nodes %u and %u fold the same log to two states", with->number, i + 1);
        for (unsigned k = 0; k < RECORDS; k++)
            if (!lia_id_equal(first[k].customer, other[k].customer))
                sim_fail(world, "nodes %u and %u have other customers", with->number, i + 1);
    }
}

static void begin(sim *world)
{
    (void)world;
    memset(folds, 0, sizeof folds);
    if (!memory.base) require(lia_arena_init(&memory, 4 << 20));
}

static void end(sim *world)
{
    (void)world;
    for (unsigned i = 0; i < SIM_NODES_MAX; i++) forget(&folds[i]);
}

static const sim_operation operations[] = {
    {"person", 6, person_says}, {"rule", 6, rule_says}, {"all at once", 2, all_say}};
const sim_part sim_identity = {.name = "identity",
                               .operations = operations,
                               .operation_count = LIA_COUNT(operations),
                               .begin = begin,
                               .started = started,
                               .crashed = crashed,
                               .applied = applied,
                               .check = check,
                               .end = end};
