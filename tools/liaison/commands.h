/* SPDX-License-Identifier: Apache-2.0 */
/* commands - every subcommand, one per .c file of its name. */
#ifndef LIA_LIAISON_COMMANDS_H
#define LIA_LIAISON_COMMANDS_H

#include "tools/liaison/args.h"

extern const lia_subcommand lia_status, lia_import_command, lia_export, lia_get, lia_watch;
extern const lia_subcommand lia_person;
extern const lia_subcommand lia_replay, lia_verify, lia_rebuild, lia_sample;
extern const lia_subcommand lia_keys_init, lia_keys_list; /* keys.c */

/* In the order of the help page. */
extern const lia_subcommand *const lia_subcommands[];
extern const size_t lia_subcommand_count;

#endif
