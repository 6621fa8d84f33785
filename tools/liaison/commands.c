/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/commands.h"

const lia_subcommand *const lia_subcommands[] = {
    &lia_status, &lia_import_command, &lia_export,  &lia_get,    &lia_person,    &lia_watch,
    &lia_replay, &lia_verify,         &lia_rebuild, &lia_sample, &lia_keys_init, &lia_keys_list,
};
const size_t lia_subcommand_count = LIA_COUNT(lia_subcommands);
