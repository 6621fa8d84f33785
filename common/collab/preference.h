/* SPDX-License-Identifier: Apache-2.0 */
/* preference - how one person likes the app: names and values that only the app understands, so
 * that they follow the person from node to node. Two nodes that set different ones keep both.
 * Internal to common/collab. */
#ifndef LIA_COLLAB_PREFERENCE_H
#define LIA_COLLAB_PREFERENCE_H

#include "common/node/turn.h"

/* Collab__SetPreference.
 *   LIA_EINVAL  the name or the value is not as it must be     refused: nobody, or too many */
lia_err lia_preference_set(lia_turn *turn, const void *request);

#endif
