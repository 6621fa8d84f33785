/* SPDX-License-Identifier: Apache-2.0 */
/* check - is a log what its origins wrote? What a restored one is judged by before it is trusted.
 */
#ifndef LIA_BACKUP_CHECK_H
#define LIA_BACKUP_CHECK_H

#include "common/bus/members.h"
#include "common/store/log.h"

/* Looks at every block of a log: its events chain to what its origin has signed.
 *   LIA_ECORRUPT  with lane and event     LIA_EDENIED  nobody of the list signed it */
LIA_MUST_USE lia_err lia_backup_check(const char *dir, const lia_members *members,
                                      void (*progress)(void *, uint64_t), void *context,
                                      lia_why *why);

/* The same of a log that is open, or looked at while its owner works: of each lane only the `last`
 * blocks (0: all). What looks damaged is looked at once more as it is then.
 *   LIA_ECORRUPT, LIA_EDENIED  as above */
LIA_MUST_USE lia_err lia_backup_check_open(lia_log *log, const lia_members *members, uint64_t last,
                                           void (*progress)(void *, uint64_t), void *context,
                                           lia_why *why);

#endif
