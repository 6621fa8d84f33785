/* SPDX-License-Identifier: Apache-2.0 */
/* figures - how many interactions and how much money, by day, channel, department and type. One row
 * per cell, kept by a fold; the question `figures` adds cells up along any of the four.
 *
 *     'd' day(4, sign flipped) channel(1) department(1) type(1) currency(3) -> lia_cell */
#ifndef LIA_ANALYTICS_FIGURES_H
#define LIA_ANALYTICS_FIGURES_H

#include "common/node/turn.h"
#include "services/analytics/deed.h"

/* In the machine's own byte order: these rows are derived and never leave it. */
typedef struct lia_cell {
    uint64_t count;
    int64_t amount_minor;
} lia_cell;

/* Adds without overflow: a sum beyond 64 bits stays at the bound. */
int64_t lia_add_capped(int64_t a, int64_t b);

/* Counts an interaction, or (`back`) takes it out again. */
LIA_MUST_USE lia_err lia_figures_fold(lia_turn *turn, const lia_deed *deed, bool back);

/* GET /api/v1/figures?by=day,channel,department,type&from=2026-01-01&to=2026-01-31 */
LIA_MUST_USE lia_err lia_figures_answer(lia_query *query);

/* ---- adding up, pure ------------------------------------------------------------------------- */

/* A cell with its place, or a sum of cells in which the dimensions that were added up are 0. */
typedef struct lia_figure {
    int32_t day;
    uint8_t channel, department, type;
    char currency[4];
    lia_cell cell;
} lia_figure;

enum { LIA_BY_DAY = 1, LIA_BY_CHANNEL = 2, LIA_BY_DEPARTMENT = 4, LIA_BY_TYPE = 8 };

/* Reads "day,channel"; LIA_EINVAL names what is no dimension. Nothing asked for is one sum. */
LIA_MUST_USE lia_err lia_figures_by(lia_span text, unsigned *by, lia_why *why);

/* Forgets the dimensions that are not asked for. */
void lia_figure_project(lia_figure *figure, unsigned by);

/* Sorts by day, channel, department, type, currency and joins those that agree in all; returns how
 * many are left. */
size_t lia_figures_join(lia_figure *figures, size_t count);

#endif
