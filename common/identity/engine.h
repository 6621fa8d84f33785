/* SPDX-License-Identifier: Apache-2.0 */
/* engine - keeps the rows that identity.h reads in step with the records, beside the node's normal
 * work. What the rows say when nothing waits depends on the records alone: not on the order in
 * which events came, nor on the node. */
#ifndef LIA_IDENTITY_ENGINE_H
#define LIA_IDENTITY_ENGINE_H

#include "common/node/service.h"

extern const lia_background_row lia_identity_background;

#endif
