/* SPDX-License-Identifier: Apache-2.0 */
/* sample - sends the sample company to a cluster: each record to the department that writes it. */
#ifndef LIA_LIAISON_SAMPLE_H
#define LIA_LIAISON_SAMPLE_H

#include "tools/liaison/load.h"
#include "tools/liaison/nodes.h"
#include "tools/liaison/out.h"
#include "tools/sample/company.h"

typedef struct lia_sample_run lia_sample_run;

/* A node that takes records. */
typedef struct lia_station {
    const lia_target *target; /* NULL: this department has none */
    lia_flight *flight;       /* of batches */
    lia_flight *moves;        /* of single requests: many, because each waits for a commit */
    lia_load *loads[LIA_SAMPLE_KINDS];
} lia_station;

/* What one kind's results are given to. */
typedef struct lia_sample_sink {
    lia_sample_run *run;
    lia_sample_kind kind;
} lia_sample_sink;

struct lia_sample_run {
    lia_company company;
    uint64_t customers;
    lia_station stations[LIA_DEPARTMENTS];
    lia_station *any; /* for what has no department's node */
    lia_sample_sink sinks[LIA_SAMPLE_KINDS];
    lia_id *ids[LIA_SAMPLE_KINDS]; /* by number; NULL where nothing refers to them */
    lia_load_totals totals[LIA_SAMPLE_KINDS];
    uint64_t verbs, verbs_failed;
    lia_why first_failure;
    lia_arena scratch;
    uint64_t begun_ns;
    lia_progress progress;
    const char *doing; /* for the line of progress */
};

/* Finds out which department each target is, and opens what is needed.
 *   LIA_EIO with a sentence   a node is unreachable */
LIA_MUST_USE lia_err lia_sample_open(lia_sample_run *run, const lia_targets *targets, lia_why *why);
void lia_sample_close(lia_sample_run *run);

/* Sends everything. `until` of the company none (0): the day on which the cluster's first sample
 * user was made, so that a later run makes the very same records. */
LIA_MUST_USE lia_err lia_sample_send(lia_sample_run *run, lia_why *why);

/* sample_verbs.c: makes the deals and tickets of these customers, and moves them on. */
LIA_MUST_USE lia_err lia_sample_send_work(lia_sample_run *run, uint64_t from, uint64_t to,
                                          lia_why *why);

/* Adds one record to its department's load; nothing where there is none. */
LIA_MUST_USE lia_err lia_sample_add(lia_sample_run *run, lia_sample_kind kind, uint64_t number,
                                    lia_why *why);
LIA_MUST_USE lia_err lia_sample_flush(lia_sample_run *run, lia_why *why);
void lia_sample_show_progress(lia_sample_run *run, const char *note);

#endif
