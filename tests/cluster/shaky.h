/* SPDX-License-Identifier: Apache-2.0 */
/* shaky - the form of what shaky.c notes: one of these for each call that succeeded, in order, a
 * write's bytes behind it. */
#ifndef LIA_TESTS_CLUSTER_SHAKY_H
#define LIA_TESTS_CLUSTER_SHAKY_H

#include <stdint.h>

typedef enum shaky_kind {
    SHAKY_WRITE,
    SHAKY_FLUSH,     /* all of the file before it is on the disk */
    SHAKY_FLUSH_LAST /* the write before it is (O_DSYNC) */
} shaky_kind;

typedef struct shaky_op {
    uint32_t kind;
    char file[20];     /* "log.mdb" */
    uint64_t begun_us; /* monotonic */
    uint64_t at, size; /* of a write */
} shaky_op;

#endif
