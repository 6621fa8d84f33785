/* SPDX-License-Identifier: Apache-2.0 */
/* learn - the kinds and fields that administrators have added, as the node tells whoever asks. From
 * then on this thread's lookups (wire/schema.h) know them by name. Their numbers are not the node's
 * where a name was given twice; what goes over the network are names. */
#ifndef LIA_LIAISON_LEARN_H
#define LIA_LIAISON_LEARN_H

#include "tools/liaison/client.h"

/* As lia_client_get; LIA_EFULL. Nothing is known then but what was compiled in. */
LIA_MUST_USE lia_err lia_learn_kinds(const lia_target *target, lia_why *why);
/* Forgets them; nothing may point to them any more. */
void lia_learn_forget(void);

#endif
