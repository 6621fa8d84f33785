/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/commands.h"

const lia_subcommand *const lia_subcommands[] = {
    &lia_status,
    &lia_import_command,
    &lia_export,
    &lia_get,
    &lia_person,
    &lia_duplicates,
    &lia_search_command,
    &lia_watch,
    &lia_replay,
    &lia_retention_list,
    &lia_retention_try,
    &lia_retention_apply,
    &lia_verify,
    &lia_rebuild,
    &lia_sample,
    &lia_backup_key_command, /* before the word alone */
    &lia_backup_list,
    &lia_backup_verify,
    &lia_backup_command,
    &lia_restore_command,
    &lia_keys_init,
    &lia_keys_list,
    &lia_keys_make,
    &lia_keys_rotate,
    &lia_keys_rotate_admin,
    &lia_peer_list,
    &lia_peer_add,
    &lia_peer_remove,
    &lia_peer_set,
    &lia_peer_close,
    &lia_tool_admit,
    &lia_tool_withdraw_command,
};
const size_t lia_subcommand_count = LIA_COUNT(lia_subcommands);
