/* SPDX-License-Identifier: Apache-2.0 */
/* A link keeps order while it lives, as TCP does. What TCP plus silent reconnects can do beyond
 * that is done here too: everything under way vanishes, with or without a word to the ends. And
 * a little that it can't: single frames lost or doubled, the copy arriving late. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/wire/pb.h"
#include "tests/sim/sim.h"

typedef struct flight {
    uint16_t from;
    unsigned client, server;
    lia_sync_role role; /* of the receiving end */
    uint64_t epoch, session;
    size_t lane; /* index of a truth; SIM_LANES_MAX: no block */
    size_t size;
    bool copy; /* the network's: nobody sent it */
    uint8_t bytes[];
} flight;

static sim_link *link_of(sim *world, unsigned client, unsigned server)
{
    return &world->network.links[client][server];
}

void sim_network_init(sim *world)
{
    bool far = sim_roll(world, 4) == 0;
    for (unsigned client = 0; client < world->node_count; client++)
        for (unsigned server = 0; server < world->node_count; server++) {
            int64_t delay = 1 + (int64_t)sim_roll(world, far ? 200 : 10);
            int64_t rate = far ? 50 + (int64_t)sim_roll(world, 500) : 0;
            sim_way way = {.delay_ms = delay, .jitter_ms = delay / 2, .bytes_per_ms = rate};
            *link_of(world, client, server) = (sim_link){.to_server = way, .to_client = way};
        }
}

/* ---- what is in the air -------------------------------------------------------------------- */

static uint64_t number_of(lia_span message, uint32_t field)
{
    lia_pb_field found;
    return lia_pb_find(message, field, &found) ? found.value : 0;
}

/* The index of the lane whose block the frame carries, or SIM_LANES_MAX. */
static size_t lane_of(sim *world, lia_span frame, lia_origin *origin)
{
    lia_pb_field batch;
    if (!lia_pb_find(frame, 13, &batch) || batch.wire != LIA_WIRE_BYTES) return SIM_LANES_MAX;
    origin->node = (uint16_t)number_of(batch.bytes, 1);
    origin->incarnation = number_of(batch.bytes, 2);
    for (size_t i = 0; i < world->checker.truth_count; i++)
        if (lia_origin_equal(world->checker.truths[i].origin, *origin)) return i;
    return SIM_LANES_MAX;
}

static void take_off(sim *world, flight *what)
{
    lia_origin origin;
    lia_span frame = lia_span_make(what->bytes, what->size);
    sim_link *link = link_of(world, what->client, what->server);
    sim_node *client = &world->nodes[what->client];
    what->lane = what->role == LIA_SYNC_CLIENT ? lane_of(world, frame, &origin) : SIM_LANES_MAX;
    link->queued_bytes += what->size;
    if (what->lane == SIM_LANES_MAX) return;
    what->session = number_of(frame, 2);
    if (what->session != link->session) memset(link->flying, 0, sizeof link->flying);
    link->session = what->session;
    link->flying[what->lane] += what->size;
    sim_check_flying(world, client, world->nodes[what->server].number, link, origin, what->size);
}

static void touch_down(sim *world, const flight *what)
{
    sim_link *link = link_of(world, what->client, what->server);
    if (!what->copy) link->queued_bytes -= what->size;
    if (what->lane < SIM_LANES_MAX && what->session == link->session &&
        link->flying[what->lane] >= what->size)
        link->flying[what->lane] -= what->size;
}

/* For a person who follows a trace; not part of its hash. */
static void show(const sim *world, const flight *what, const char *verb)
{
    static const char *const names[] = {[10] = "hello", "welcome", "fetch",  "batch",
                                        "ack",          "heads",   "problem"};
    lia_span frame = lia_span_make(what->bytes, what->size);
    lia_pb_field body;
    if (!world->trace.frames) return;
    for (uint32_t i = 10; i < LIA_COUNT(names); i++)
        if (lia_pb_find(frame, i, &body))
            printf("%8lld   %s %u%s%u %s %zu session %llx: %llu %llu %llu\n",
                   (long long)world->clock.now_ms, verb, what->client + 1,
                   what->role == LIA_SYNC_CLIENT ? "<" : ">", what->server + 1, names[i],
                   what->size, (unsigned long long)number_of(frame, 2),
                   (unsigned long long)number_of(body.bytes, 1),
                   (unsigned long long)number_of(body.bytes, 3),
                   (unsigned long long)number_of(body.bytes, i == 14 ? 4 : 5));
}

static void arrive(sim *world, void *what, uint64_t unused)
{
    (void)unused;
    flight *landed = what;
    const sim_link *link = link_of(world, landed->client, landed->server);
    unsigned to = landed->role == LIA_SYNC_CLIENT ? landed->client : landed->server;
    touch_down(world, landed);
    show(world, landed, landed->epoch == link->epoch ? "arrives" : "is lost");
    if (landed->epoch == link->epoch)
        sim_node_receive(&world->nodes[to], landed->from, landed->role,
                         lia_span_make(landed->bytes, landed->size));
    free(landed);
}

/* ---- sending ------------------------------------------------------------------------------- */

static int64_t travel_ms(sim *world, sim_way *way, size_t size)
{
    int64_t now = world->clock.now_ms;
    int64_t begin = way->busy_until_ms > now ? way->busy_until_ms : now;
    way->busy_until_ms = begin + (way->bytes_per_ms ? (int64_t)size / way->bytes_per_ms : 0);
    int64_t at =
        way->busy_until_ms + way->delay_ms + (int64_t)sim_roll(world, (uint64_t)way->jitter_ms + 1);
    if (at < way->last_ms) at = way->last_ms;
    way->last_ms = at;
    return at - now;
}

static void launch(sim *world, const flight *like, lia_span frame, int64_t in_ms, bool copy)
{
    flight *what = malloc(sizeof *what + frame.size);
    lia_assert(what);
    *what = *like;
    what->size = frame.size;
    memcpy(what->bytes, frame.data, frame.size);
    what->lane = SIM_LANES_MAX;
    what->copy = copy;
    if (!copy) take_off(world, what);
    show(world, what, "leaves");
    sim_clock_plan(world, in_ms, arrive, what, 0);
}

bool sim_network_send(sim *world, sim_node *from, uint16_t to, lia_sync_role role, lia_span frame)
{
    unsigned other = sim_find(world, to)->index;
    flight what = {.from = from->number,
                   .client = role == LIA_SYNC_CLIENT ? from->index : other,
                   .server = role == LIA_SYNC_CLIENT ? other : from->index,
                   .role = role == LIA_SYNC_CLIENT ? LIA_SYNC_SERVER : LIA_SYNC_CLIENT};
    sim_network *network = &world->network;
    sim_link *link = link_of(world, what.client, what.server);
    sim_way *way = role == LIA_SYNC_CLIENT ? &link->to_server : &link->to_client;
    what.epoch = link->epoch;
    if (link->down || !sim_members_let_in(world, what.client, what.server)) return false;
    if (network->queue_bytes_max && link->queued_bytes > network->queue_bytes_max) return false;
    if (way->blocked) return true;
    if (sim_roll(world, 1000) < network->lose_permille) return true;
    launch(world, &what, frame, travel_ms(world, way, frame.size), false);
    if (sim_roll(world, 1000) < network->double_permille)
        launch(world, &what, frame, travel_ms(world, way, 0) + (int64_t)sim_roll(world, 3000),
               true);
    if (sim_roll(world, 1000) < network->reset_permille)
        sim_network_reset(world, what.client, what.server, sim_roll(world, 2));
    return true;
}

/* ---- faults -------------------------------------------------------------------------------- */

/* Planned, since a node must not be told from inside of its own call. */
static void tell(sim *world, void *what, uint64_t up)
{
    const sim_link *link = what;
    size_t at = (size_t)(link - &world->network.links[0][0]);
    sim_node *client = &world->nodes[at / SIM_NODES_MAX],
             *server = &world->nodes[at % SIM_NODES_MAX];
    if (client->alive) lia_sync_link(client->sync, server->number, up, world->clock.now_ms);
    if (server->alive) lia_sync_link(server->sync, client->number, up, world->clock.now_ms);
}

static void forget(sim_link *link)
{
    link->epoch++;
    link->to_server.busy_until_ms = link->to_client.busy_until_ms = 0;
    link->to_server.last_ms = link->to_client.last_ms = 0;
}

void sim_network_reset(sim *world, unsigned client, unsigned server, bool told)
{
    sim_link *link = link_of(world, client, server);
    forget(link);
    sim_say(world, "reset %u>%u%s", client + 1, server + 1, told ? ", told" : "");
    if (!told) return;
    sim_clock_plan(world, 0, tell, link, false);
    sim_clock_plan(world, (int64_t)sim_roll(world, 100), tell, link, true);
}

void sim_network_cut(sim *world, unsigned client, unsigned server, bool cut, bool told)
{
    sim_link *link = link_of(world, client, server);
    forget(link);
    link->to_server.blocked = link->to_client.blocked = cut;
    link->down = cut && told;
    if (told) sim_clock_plan(world, 0, tell, link, !cut);
}

void sim_network_heal(sim *world)
{
    for (unsigned client = 0; client < world->node_count; client++)
        for (unsigned server = 0; server < world->node_count; server++) {
            const sim_link *link = link_of(world, client, server);
            if (link->down || link->to_server.blocked || link->to_client.blocked)
                sim_network_cut(world, client, server, false, link->down);
        }
}
