/* SPDX-License-Identifier: Apache-2.0 */
/* retention_read - the dry run of a retention rule. */
#ifndef LIA_CRM_RETENTION_READ_H
#define LIA_CRM_RETENTION_READ_H

#include "common/node/service.h"

/* GET /retention_rules/{id}:preview?samples=10&after=: how many interactions the rule would take
 * away now, by whomever they were recorded; their bytes in the log, oldest and newest, the same by
 * type and by node, and a few of them by id. After a million rows it answers what it has seen,
 * `complete` false and `next`, behind which another call goes on with `after`. */
LIA_MUST_USE lia_err lia_retention_preview(lia_query *query);

#endif
