/* SPDX-License-Identifier: Apache-2.0 */
/* trail_inner - what writer and reader of the trail share: where its files are. */
#ifndef LIA_AUDIT_TRAIL_INNER_H
#define LIA_AUDIT_TRAIL_INNER_H

#include "common/audit/trail.h"

#define LIA_TRAIL_PATH_SIZE 1100

const char *lia_trail_dir(const lia_trail *trail);
void lia_trail_path(const lia_trail *trail, uint64_t segment, char path[LIA_TRAIL_PATH_SIZE]);
/* Numbers of the files that are there, ascending; *out is the caller's to free. LIA_EIO LIA_EFULL
 */
LIA_MUST_USE lia_err lia_trail_segments(const lia_trail *trail, uint64_t **out, size_t *count);

#endif
