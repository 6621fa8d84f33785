/* SPDX-License-Identifier: Apache-2.0 */
/* enter - whose account it is that a provider vouches for. Decided in the writer, where two who
 * come at the same moment are one after the other. Internal to common/oidc; handlers of commands.
 */
#ifndef LIA_OIDC_ENTER_H
#define LIA_OIDC_ENTER_H

#include "common/node/turn.h"

LIA_MUST_USE lia_err lia_turn_enter(lia_turn *turn, const void *request);
LIA_MUST_USE lia_err lia_turn_unlink(lia_turn *turn, const void *request);

#endif
