/* SPDX-License-Identifier: Apache-2.0 */
/* restore - a node's folder made anew from its backup. */
#ifndef LIA_LIAISON_RESTORE_H
#define LIA_LIAISON_RESTORE_H

#include "common/sync/ledger.h"
#include "tools/liaison/pieces.h"

/* What stands beside the log in the newest piece. */
typedef struct lia_beside {
    lia_members members; /* checked against the key's administrators */
    lia_bytes members_file, admin_file, keys_file;
} lia_beside;
void lia_beside_fini(lia_beside *beside);

/* Reads it and adds to `ledger` whom the piece knows to be erased. */
LIA_MUST_USE lia_err lia_beside_read(lia_beside *out, lia_ledger *ledger, const lia_pieces *pieces,
                                     lia_shelf *shelf, const lia_backup_key *key, lia_why *why);

typedef struct lia_restored {
    uint64_t events, erased;
    size_t pieces;
    lia_time until; /* all that was acknowledged before is there */
} lia_restored;

/* Makes the log in `dir` from what the pieces say was there at `until` (INT64_MAX: all they have).
 *   LIA_EABSENT  nothing on the shelf is that old; `why` says what is */
LIA_MUST_USE lia_err lia_restore_log(lia_restored *out, const char *dir, const lia_pieces *pieces,
                                     lia_shelf *shelf, const lia_backup_key *key,
                                     const lia_members *members, const lia_ledger *ledger,
                                     lia_time until, lia_why *why);

#endif
