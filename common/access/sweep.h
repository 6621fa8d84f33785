/* SPDX-License-Identifier: Apache-2.0 */
/* sweep - sessions, tokens and one-time links leave for good some time after they have expired:
 * from the views, and their bytes from the log (common/node/blank.h).
 *
 * Nodes need not agree on anything: an announcement names the passes, and from then on they are the
 * same one row everywhere, in whatever order it, they and their end arrive. So that not all nodes
 * announce the same, each waits as many days longer as its number says, up to a week: the one
 * with the lowest number does it, and while that one is down the next. Internal to common/access.
 */
#ifndef LIA_ACCESS_SWEEP_H
#define LIA_ACCESS_SWEEP_H

#include "common/node/turn.h"

/* How long an expired pass is kept, so that whoever asks what signed in then is told. */
#define LIA_SWEEP_GRACE_MS (30 * (int64_t)LIA_DAY_MS)
#define LIA_SWEEP_EVERY_MS ((uint32_t)LIA_DAY_MS)
/* Of one announcement: 4 kB, and the work of some milliseconds. */
#define LIA_SWEEP_PASSES_MAX 256

#define LIA_SWEEP_JOB "access.sweep"
LIA_MUST_USE lia_err lia_sweep_run(lia_turn *turn, lia_id key, lia_span payload);
LIA_MUST_USE lia_err lia_sweep_ready(lia_turn *turn);

#endif
