/* SPDX-License-Identifier: Apache-2.0 */
/* file - small files that are replaced whole: a reader, or a crash, sees the old or the new. */
#ifndef LIA_BUS_FILE_H
#define LIA_BUS_FILE_H

#include <sys/types.h>

#include "common/base/err.h"

/* Writes beside `path`, flushes, renames over it and flushes the folder.
 *   LIA_EABSENT  there is no such folder     LIA_EIO  it cannot be written */
LIA_MUST_USE lia_err lia_file_replace(const char *path, lia_span bytes, mode_t mode, lia_why *why);

/* Reads the whole file into `out`; *size is what was read. A file for its owner only is refused
 * when its mode lets others read or write it. LIA_EABSENT  no such file    LIA_EDENIED  its mode is
 * too open, or it cannot be opened LIA_EINVAL   larger than `capacity`       LIA_EIO  it cannot be
 * read */
LIA_MUST_USE lia_err lia_file_read(const char *path, bool owner_only, uint8_t *out, size_t capacity,
                                   size_t *size, lia_why *why);

#endif
