/* SPDX-License-Identifier: Apache-2.0 */
/* special - kinds whose records are for certain eyes whatever roles say: notices, their settings,
 * favourites and follows are one person's; a comment is for whoever may read what it is about; a
 * saved view for whom its owner shares it with; layouts of pages are everybody's to read and the
 * administrators' to change. Internal to common/access. */
#ifndef LIA_ACCESS_SPECIAL_H
#define LIA_ACCESS_SPECIAL_H

#include "common/access/principal.h"

bool lia_is_special(uint32_t kind);
/* How far rights on such a kind go before a record is asked: OWN where they are always one's own,
 * so that lists look at no others. */
Access__Scope lia_special_scope(uint32_t kind, lia_action action);

/* Whether the principal, who is no administrator, may do it with the record given as `message`.
 *   LIA_ECORRUPT  LIA_EFULL */
LIA_MUST_USE lia_err lia_special_may(const lia_principal *who, const lia_rows *rows,
                                     lia_action action, const lia_kind *kind, lia_span message,
                                     lia_arena *arena, bool *allowed);

#endif
