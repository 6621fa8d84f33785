/* SPDX-License-Identifier: Apache-2.0 */
/* nodes - which nodes a command talks to: from --node, --dir or --base. */
#ifndef LIA_LIAISON_NODES_H
#define LIA_LIAISON_NODES_H

#include "common/base/limits.h"
#include "tools/liaison/args.h"

typedef struct lia_target {
    char name[64];   /* "sales", or the address where no name is known */
    char url[192];   /* "http://127.0.0.1:27100/api/v1", without a slash at its end */
    char token[256]; /* empty: none */
} lia_target;

/* Certificates (PEM) that a command trusts for HTTPS: --ca, else the environment's LIA_CA. With
 * them nodes whose address says no scheme (of a member list, or of --base) are asked by HTTPS. Said
 * once, before any target is made; `args` is borrowed for as long as the program runs. */
void lia_targets_trust(const lia_args *args);
/* That file; NULL: the system's certificates only. */
const char *lia_targets_ca(void);

typedef struct lia_targets {
    lia_target list[LIA_MEMBERS_MAX];
    size_t count;
} lia_targets;

/* All nodes that --node names, else the members of --dir, else the four from --base on. With --dir
 * a --node is a member's name, or an address with http:// or https:// for a member that is reached
 * by another than the list's. LIA_EINVAL   an address is none, or the member list cannot be read */
LIA_MUST_USE lia_err lia_targets_find(lia_targets *out, const lia_args *args, lia_why *why);

/* The same with `dir` in place of --dir; NULL: as if it was not given. */
LIA_MUST_USE lia_err lia_targets_in(lia_targets *out, const lia_args *args, const char *dir,
                                    lia_why *why);

/* The one node that --node names; without it sales, the first.  */
LIA_MUST_USE lia_err lia_target_find(lia_target *out, const lia_args *args, lia_why *why);

/* "127.0.0.1:27100", "http://host:port/", with or without /api/v1, or a department's name as
 * counted from `base`.
 *   LIA_EINVAL */
LIA_MUST_USE lia_err lia_target_parse(lia_target *out, const char *text, unsigned base,
                                      lia_why *why);

#endif
