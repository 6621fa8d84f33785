/* SPDX-License-Identifier: Apache-2.0 */
/* simulate - a load profile, and what it is like to be loaded with it.
 *
 *     customers: 500            made first, then worked on
 *     clients: 32               requests under way at once
 *     phases:
 *       - {for: 20s, rate: 10}              requests a second, of all nodes together
 *       - {for: 60s, rate: 10, to: 100}     evenly more
 *     mix: {open customer: 40, search: 10, log interaction: 20, ...}      shares
 *
 * Requests begin when their time has come, whether those before were answered or not, and how long
 * one takes is counted from that time: a node that stands still for a second shows as a second for
 * all who wanted something in it (G. Tene, "How NOT to Measure Latency"). */
#ifndef LIA_LIAISON_SIMULATE_H
#define LIA_LIAISON_SIMULATE_H

#include <jansson.h>

#include "common/wire/schema.h"
#include "tools/liaison/nodes.h"
#include "tools/liaison/spread.h"

#define LIA_PHASES_MAX    64
#define LIA_CLIENTS_MAX   1024
#define LIA_CUSTOMERS_MAX 1000000
/* Requests whose time has come and for which no client is free; beyond it they are given up. */
#define LIA_BACKLOG_MAX 65536

typedef struct lia_phase {
    double seconds, rate, to; /* a second, at its beginning and end */
} lia_phase;

enum {
    LIA_DO_OPEN,
    LIA_DO_LIST,
    LIA_DO_SEARCH,
    LIA_DO_STATUS,
    LIA_DO_CUSTOMER,
    LIA_DO_CHANGE,
    LIA_DO_INTERACTION,
    LIA_DO_TASK,
    LIA_DO_DEAL,
    LIA_DO_TICKET,
    LIA_SIMULATE_OPS
};

/* What people do; `at`: whose node takes it, LIA_DEPARTMENT_ANY: any. */
typedef struct lia_simulate_op {
    const char *name;
    lia_department at;
} lia_simulate_op;
extern const lia_simulate_op lia_simulate_ops[LIA_SIMULATE_OPS];

typedef struct lia_profile {
    uint64_t customers, clients, seed;
    lia_phase phases[LIA_PHASES_MAX];
    size_t phase_count;
    double shares[LIA_SIMULATE_OPS];
    double seconds; /* of all phases */
} lia_profile;

/* LIA_EINVAL, with the place named. */
LIA_MUST_USE lia_err lia_profile_read(lia_profile *out, const json_t *yaml, lia_why *why);
/* How many requests should have begun by then. */
double lia_profile_due(const lia_profile *profile, double seconds);

/* What came of it. */
typedef struct lia_simulated {
    struct {
        lia_spread took; /* of those with an answer of 2xx */
        uint64_t failed;
    } ops[LIA_SIMULATE_OPS];
    uint64_t wanted, sent, given_up;
    uint64_t refused, busy, broken; /* 4xx; 429 and 5xx; no answer */
    double seconds, prepare_seconds;
    int64_t settled_ms; /* until all nodes had all; negative: they had not within a minute */
    lia_why first_failure;
    struct {
        char name[33];
        double behind_most, queue_most, flush_p99_s, memory_most, events_s_most;
    } nodes[LIA_MEMBERS_MAX];
    size_t node_count;
    int64_t lag_ms_most;
} lia_simulated;

/* Makes the customers, then runs the phases.
 *   LIA_EIO  a node cannot be reached at first      LIA_EFULL  no memory
 *   LIA_EREFUSED  customers that are not made up are there, and `beside` is false */
LIA_MUST_USE lia_err lia_simulate(lia_simulated *out, const lia_profile *profile,
                                  const lia_targets *targets, bool beside, lia_why *why);

#endif
