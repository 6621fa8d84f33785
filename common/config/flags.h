/* SPDX-License-Identifier: Apache-2.0 */
/* flags - what a department's process was told at its start: the command line over the environment
 * over the file that one of them names. */
#ifndef LIA_CONFIG_FLAGS_H
#define LIA_CONFIG_FLAGS_H

#include "common/config/config.h"

/* How a process was started; what it says is borrowed. */
typedef struct lia_start {
    int argc;
    char **argv;
    char *const *environment;
    const char *department; /* "sales" */
} lia_start;

/* What is to be done beside running. */
typedef struct lia_wish {
    bool rebuild, openapi;
} lia_wish;

/* Reads all layers into `out`, which it begins; mistakes go to stderr, one a line. False: the
 * process should exit with *status, since help was printed or something is wrong; `out` is zeroed
 * then. */
bool lia_flags_read(lia_config *out, lia_wish *wish, const lia_start *start, int *status);

/* The same again while the process runs, for SIGHUP: mistakes are told as `to` says.
 *   LIA_EINVAL  there are mistakes, all of them told      LIA_EFULL  no memory
 * `out` is zeroed then. */
LIA_MUST_USE lia_err lia_flags_again(lia_config *out, const lia_start *start,
                                     const lia_mistakes *to);

/* Writes `mistake` as a line: FILE:LINE:COLUMN: sentence. */
void lia_flags_print_mistake(void *file, const lia_mistake *mistake);

#endif
