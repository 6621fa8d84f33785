/* SPDX-License-Identifier: Apache-2.0 */
/* figures - what a node tells at /metrics (Prometheus' text format), read without a table: a name
 * and its labels are looked for where they stand. */
#ifndef LIA_LIAISON_FIGURES_H
#define LIA_LIAISON_FIGURES_H

#include "common/base/err.h"

/* The sum of all samples of `name` ("liaison_commits_total") whose label `label` has the value
 * `value`; `label` NULL: of all. *found: whether there was any. Lines that are none are passed
 * over. Fuzzed. */
double lia_figure(lia_span text, const char *name, const char *label, const char *value,
                  bool *found);

/* The largest of them. */
double lia_figure_most(lia_span text, const char *name, bool *found);

/* The bound below which `share` (0 to 1) of what a histogram has counted since `before` lie: its
 * cumulative buckets `name`_bucket{le="..."} in both texts. Negative: nothing was counted. Where it
 * lies above the last bound that is the answer. */
double lia_figure_quantile(lia_span before, lia_span now, const char *name, double share);

#endif
