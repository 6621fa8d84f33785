/* SPDX-License-Identifier: Apache-2.0 */
/* collab - working together on records of any kind: comments with mentions, followers, notices to
 * one person with their settings, saved views, favourites. Whose eyes these are for is
 * common/access's. */
#ifndef LIA_COLLAB_COLLAB_H
#define LIA_COLLAB_COLLAB_H

#include "common/node/turn.h"

/* A part of `lia_crm`. */
extern const lia_service lia_collab;

#endif
