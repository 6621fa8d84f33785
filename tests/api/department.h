/* SPDX-License-Identifier: Apache-2.0 */
/* department - a cluster of one, made in an empty folder, and its node as a child process. */
#ifndef LIA_TESTS_API_DEPARTMENT_H
#define LIA_TESTS_API_DEPARTMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct lia_process {
    pid_t pid;
    uint16_t port;
    char setup[64]; /* the secret by which somebody becomes administrator; "" when it said none */
} lia_process;

/* Starts bin_dir/liaison-<name> in the empty folder `dir` and waits until it says that it is ready.
 * False, with its log on stderr, when it ends before. */
bool lia_process_start(lia_process *out, const char *bin_dir, const char *dir, const char *name);
/* SIGTERM, and wait. True when it ended in order. */
bool lia_process_stop(lia_process *process);

#endif
