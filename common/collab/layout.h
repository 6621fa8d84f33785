/* SPDX-License-Identifier: Apache-2.0 */
/* layout - what a layout of the pages of a kind's records must be before it is recorded. Internal
 * to common/collab. */
#ifndef LIA_COLLAB_LAYOUT_H
#define LIA_COLLAB_LAYOUT_H

#include "common/node/turn.h"

/* Rule of LIA_PAGE_LAYOUT (lia_rule_row): one for each kind, and each field once. A field that the
 * layout had before may stay in it though the kind has lost it.
 *   LIA_EINVAL  with the place     LIA_EEXIST  the kind has one */
LIA_MUST_USE lia_err lia_layout_prepare(lia_turn *turn, lia_id id, const void *before, void *after);

#endif
