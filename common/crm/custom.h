/* SPDX-License-Identifier: Apache-2.0 */
/* custom - what a definition of a custom field or kind must be before it is recorded. What becomes
 * of definitions that were recorded, here or elsewhere, is the catalog's business (wire/catalog.h).
 */
#ifndef LIA_CRM_CUSTOM_H
#define LIA_CRM_CUSTOM_H

#include "common/node/turn.h"

/* Rules of LIA_CUSTOM_FIELD and LIA_CUSTOM_KIND (lia_rule_row). */
LIA_MUST_USE lia_err lia_custom_prepare_field(lia_turn *turn, lia_id id, const void *before,
                                              void *after);
LIA_MUST_USE lia_err lia_custom_prepare_kind(lia_turn *turn, lia_id id, const void *before,
                                             void *after);

#endif
