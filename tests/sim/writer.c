/* SPDX-License-Identifier: Apache-2.0 */
/* The real common/node/rollback.c decides when a node holds its commands back and when it renews
 * its incarnation; here is what it asks of the writer. */
#include "common/node/rollback.h"
#include "tests/sim/sim.h"

lia_writer *sim_node_writer(sim_node *node)
{
    return (lia_writer *)node;
}

static sim_node *node_of(lia_writer *writer)
{
    return (sim_node *)writer;
}

void lia_writer_hold(lia_writer *writer, lia_held_by cause, const lia_why *why)
{
    (void)cause, (void)why;
    sim_say(node_of(writer)->world, "%u is held", node_of(writer)->number);
    node_of(writer)->held = node_of(writer)->doubts = true;
}

void lia_writer_go(lia_writer *writer, lia_held_by cause)
{
    (void)cause;
    node_of(writer)->held = false;
}

/* The number comes from the seed, the key from the list. */
void lia_writer_renew(lia_writer *writer, uint64_t incarnation, const lia_sign_key *sign)
{
    (void)incarnation, (void)sign;
    node_of(writer)->held = node_of(writer)->renewal = true;
}
