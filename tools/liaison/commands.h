/* SPDX-License-Identifier: Apache-2.0 */
/* commands - every subcommand, one per .c file of its name. */
#ifndef LIA_LIAISON_COMMANDS_H
#define LIA_LIAISON_COMMANDS_H

#include "tools/liaison/args.h"

extern const lia_subcommand lia_status, lia_import_command, lia_export, lia_get, lia_watch;
extern const lia_subcommand lia_doctor_command, lia_top_command;
extern const lia_subcommand lia_create_command, lia_set_command, lia_archive_command; /* write.c */
extern const lia_subcommand lia_dry_run_command; /* dry.c */
extern const lia_subcommand lia_do_command, lia_simulate_command;
extern const lia_subcommand lia_person, lia_duplicates, lia_search_command, lia_changes_command;
extern const lia_subcommand lia_retention_list, lia_retention_try, lia_retention_apply;
extern const lia_subcommand lia_field_list, lia_field_add, lia_field_archive; /* custom.c */
extern const lia_subcommand lia_kind_list, lia_kind_add, lia_kind_archive;
extern const lia_subcommand lia_replay, lia_verify, lia_rebuild, lia_sample;
extern const lia_subcommand lia_keys_init, lia_keys_list; /* keys.c */
extern const lia_subcommand lia_keys_make, lia_keys_rotate, lia_keys_rotate_admin; /* keys_node.c */
extern const lia_subcommand lia_peer_list, lia_peer_add, lia_peer_remove, lia_peer_set;
extern const lia_subcommand lia_peer_close;
extern const lia_subcommand lia_peer_invite, lia_join_command; /* join.c */
extern const lia_subcommand lia_config_check, lia_config_example; /* config.c */
extern const lia_subcommand lia_tool_admit, lia_tool_withdraw_command; /* tool.c */

extern const lia_subcommand lia_backup_command, lia_backup_key_command, lia_backup_list; /* backup.c */
extern const lia_subcommand lia_restore_command, lia_backup_verify;                      /* restore.c */

/* In the order of the help page. */
extern const lia_subcommand *const lia_subcommands[];
extern const size_t lia_subcommand_count;

#endif
