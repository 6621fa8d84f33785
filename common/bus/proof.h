/* SPDX-License-Identifier: Apache-2.0 */
/* proof - knocks at an own door, as a stranger and as a member. A CURVE server whose doorkeeper is
 * missing may let everybody in, silently; so nobody trusts the configuration, we try it. */
#ifndef LIA_BUS_PROOF_H
#define LIA_BUS_PROOF_H

#include "common/bus/members.h"

typedef struct lia_proof {
    int type;            /* of the knocking sockets: ZMQ_DEALER or ZMQ_SUB */
    const char *address; /* where an own server socket is bound */
    const lia_node_keys *keys;
} lia_proof;

/* Blocks for some milliseconds, at worst 2 s.
 *   LIA_EDENIED  a fresh random key got in, or the own one did not, or neither can be told
 *   LIA_EFULL    no more sockets */
LIA_MUST_USE lia_err lia_proof_check(void *zmq, const lia_proof *proof, lia_why *why);

#endif
