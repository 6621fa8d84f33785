/* SPDX-License-Identifier: Apache-2.0 */
/* automation - rules, flows and their runs, as tables that every department runs beside its own.
 * What a rule can say is in proto/automation.proto, how it comes about in README.md. */
#ifndef LIA_AUTOMATION_AUTOMATION_H
#define LIA_AUTOMATION_AUTOMATION_H

#include "common/node/service.h"

extern const lia_service lia_automation;

/* Most runs of a state that are counted. */
#define LIA_RUN_FIGURES_MAX 1000

/* How many runs of all departments are in a state that somebody may want to look at. */
typedef struct lia_run_figures {
    size_t failed, waiting, running;
    bool more; /* one of them is more than that */
} lia_run_figures;

/* Counted in the index.   LIA_EIO  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_run_figures_read(lia_run_figures *out, const lia_rows *rows);

#endif
