/* SPDX-License-Identifier: Apache-2.0 */
/* simulate_ask - one request of a simulated load, with made-up content. */
#ifndef LIA_LIAISON_SIMULATE_ASK_H
#define LIA_LIAISON_SIMULATE_ASK_H

#include <stddef.h>
#include <stdint.h>

#define LIA_ASK_ID_SIZE 40
/* What names of made-up customers begin with. */
#define LIA_ASK_MADE_UP "Simulated"

/* Where requests come from. */
typedef struct lia_asks {
    uint64_t dice;
    uint64_t customers;           /* of the profile */
    char (*ids)[LIA_ASK_ID_SIZE]; /* of those that are there */
    size_t id_count;
} lia_asks;

typedef struct lia_ask {
    const char *method, *type; /* `type` NULL: no body */
    char path[160], json[512];
} lia_ask;

/* 0 <= result < bound */
uint64_t lia_ask_roll(lia_asks *asks, uint64_t bound);
/* `op`: a place in lia_simulate_ops; any other: a customer is made. All but that want one that is
 * there. `number` makes it another than those before. */
void lia_ask_make(lia_asks *asks, lia_ask *out, int op, uint64_t number);

#endif
