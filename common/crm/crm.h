/* SPDX-License-Identifier: Apache-2.0 */
/* crm - what all departments share, as tables beside their own: customers, interactions, tasks,
 * hand-overs. */
#ifndef LIA_CRM_CRM_H
#define LIA_CRM_CRM_H

#include "common/node/service.h"

extern const lia_service lia_crm;

#endif
